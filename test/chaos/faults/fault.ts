import type { ChaosCluster } from '../chaos-cluster.ts'

/** Something that goes wrong and is made good again. */
export interface Fault {
  readonly name: string
  /** Why it cannot be had on this machine; undefined when it can. */
  isPermitted(cluster: ChaosCluster): string | undefined
  /** Does the harm, to whom and for how long as `random` says. */
  inflict(cluster: ChaosCluster, random: () => number): Promise<Harm>
}

export interface Harm {
  /** To whom it was done, and how; asked when it is over. */
  readonly what: string
  /** How long it lasts before it is healed. */
  readonly lastsMs: number
  /** Makes everything run again; that it decides again is for others to wait for. */
  heal(): Promise<void>
}

export const always = (): undefined => undefined

/** A number of milliseconds from `min` up to `max`. */
export const between = (min: number, max: number, random: () => number): number => Math.round(min + (max - min) * random())
