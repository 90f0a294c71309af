import { always, type Fault } from './fault.ts'

/** SIGSTOP: it keeps its connections and answers nothing for longer than anybody waits; then what was sent to it is done late. */
export const silentBroker = (lastsMs: number): Fault => ({
  name: 'silent-broker',
  isPermitted: always,
  async inflict({ kafka }) {
    kafka.pause()
    return { what: 'the broker', lastsMs, heal: async () => kafka.resume() }
  },
})
