import { arrayOf, nullable, record } from './avro.ts'

const NAMESPACE = 'cavea'
const CONFLICT = record(NAMESPACE, 'SeatConflict', { seat: 'int', reason: 'string', sinceMs: 'long', mayFreeAtMs: nullable('long') })

/** A recorded rejection, as decisions and carts carry it. */
export const REJECTION = record(NAMESPACE, 'Rejection', {
  code: 'string',
  sectionId: { type: 'string', default: '' },
  conflicts: { type: arrayOf(CONFLICT), default: [] },
  seats: { type: arrayOf('int'), default: [] },
  alternative: { type: arrayOf('int'), default: [] },
  limit: nullable('int'),
  have: nullable('int'),
  asked: nullable('int'),
  opensAtMs: nullable('long'),
  closedAtMs: nullable('long'),
  revision: nullable('int'),
  extensionsLeft: nullable('int'),
  step: { type: 'string', default: '' },
  detail: { type: 'string', default: '' },
})
