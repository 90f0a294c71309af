import type { TableSpec } from './table.ts'

/** What was decided about seats and holds, for ever. */
export const DECISIONS = 'decisions'

/**
 * One row per event of a decision, and one for its refusal. `seats` are those that it is about; of a refusal those that it names.
 * What a refusal does not say is null: of which section it is, only its command knows, or the cart that asked.
 */
export const SEAT_DECISIONS: TableSpec = {
  name: 'decisions',
  key: ['context', 'partition', 'log_offset', 'event_index'],
  columns: {
    /** These three name the decision: "seating/3/1234". */
    context: 'text',
    partition: 'integer',
    log_offset: 'bigint',
    /** The event's place in the decision; a refusal comes after its events. */
    event_index: 'integer',
    performance_id: 'text',
    /** Null for a cart. */
    section_id: 'text',
    /** The stream that the seats are in: the section, or its shard; null for a cart. */
    stream_id: 'text',
    seats: 'integers',
    hold_id: 'text',
    cart_id: 'text',
    block_id: 'text',
    buyer: 'text',
    actor_kind: 'text',
    actor_id: 'text',
    organisation: 'text',
    command_id: 'text',
    command_type: 'text',
    causation_id: 'text',
    correlation_id: 'text',
    outcome: 'text',
    /** Why it was refused. */
    code: 'text',
    /** Null for a refusal. */
    event_type: 'text',
    /** What the seats are from then on; null where that stays as it was. */
    status_after: 'text',
    /** By how many seats the counts of the performance change. A decision is one row for ever, so these may be summed. */
    available: 'integer',
    held: 'integer',
    sold: 'integer',
    blocked: 'integer',
    decided_at: 'time',
  },
  indexes: [['performance_id', 'stream_id', 'log_offset'], ['hold_id']],
}

export const DECISIONS_TABLES: readonly TableSpec[] = [SEAT_DECISIONS]
