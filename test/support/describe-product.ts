import { whyNoCluster } from './engines.ts'
import { type Product, startCluster, startStandalone } from './product.ts'

export interface Running {
  /** Available in hooks and tests. */
  product(): Product
}

const START_MS = 180_000

/** One suite for both profiles. On Kafka there are two gateways and two workers, so that what holds must hold across them. */
export function describeProduct(name: string, env: Readonly<Record<string, string>>, define: (running: Running) => void): void {
  describeOn(`${name}, on the embedded log`, () => startStandalone({ env }), define)
  const why = whyNoCluster()
  if (why === undefined) describeOn(`${name}, on Kafka`, () => startCluster({ env, gateways: 2 }), define)
  else describe(`${name}, on Kafka`, () => void it(`is skipped: ${why}`))
}

function describeOn(title: string, start: () => Promise<Product>, define: (running: Running) => void): void {
  describe(title, function () {
    this.timeout(60_000)
    let product: Product | undefined
    before(async function startProduct() {
      this.timeout(START_MS)
      product = await start()
    })
    after(async function stopProduct() {
      this.timeout(START_MS)
      await product?.stop()
    })
    define({
      product() {
        if (product === undefined) throw new Error('The product has not started.')
        return product
      },
    })
  })
}
