export const CONTEXTS = ['catalog', 'seating', 'cart'] as const
export type Context = (typeof CONTEXTS)[number]

export interface ContextTopics {
  readonly commands: string
  readonly events: string
}

/** The two topics of a context. They have the same partitions, and a decision is in the partition of its command. */
export function topicsOf(context: Context, prefix = ''): ContextTopics {
  return { commands: `${prefix}${context}.commands`, events: `${prefix}${context}.events` }
}

/** The topics of every context, each with as many partitions: the two of a context must have the same. */
export function allTopics(partitions: number, prefix = ''): readonly { readonly topic: string; readonly partitions: number }[] {
  return CONTEXTS.flatMap((context) => {
    const { commands, events } = topicsOf(context, prefix)
    return [commands, events].map((topic) => ({ topic, partitions }))
  })
}
