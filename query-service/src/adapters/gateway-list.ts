import { BlockList, isIPv6 } from 'node:net'

/** Whether an address lies in one of these subnets (`10.0.0.0/8`, `fd00::/8`), which are where gateways run. */
export function gatewayList(subnets: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [net = '', bits = ''] = subnet.split('/')
    list.addSubnet(net, Number(bits), isIPv6(net) ? 'ipv6' : 'ipv4')
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
