import pg from 'pg'
import {
  type FoundPerformance,
  type HoldsQuestion,
  type LogPlace,
  type PerformanceSearch,
  type Reports,
  ReportsUnavailableError,
  type SeatCounts,
  type SeatDecision,
  type SeatQuestion,
  type SoldInCategory,
} from '../ports/reports.ts'

export interface PostgresReportsOptions {
  readonly url: string
  readonly warn: (message: string, error: unknown) => void
  /** Default 4: reports must not take the database from who writes it. */
  readonly connectionsMax?: number
  /** Default 5,000. */
  readonly statementTimeoutMs?: number
}

const CONNECTIONS_MAX = 4
const STATEMENT_TIMEOUT_MS = 5_000
const CONNECT_TIMEOUT_MS = 3_000
/** Ten years of days in one category, or one year in ten. */
const SALES_ROWS_MAX = 3_660
const READERS_SCHEMA = 'read_models'

const INT8 = 20
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

/** Reads what the projector keeps in PostgreSQL. It changes nothing, and needs no more than to read the views of `read_models`. */
export function openPostgresReports(options: PostgresReportsOptions): Reports {
  const { url, warn, connectionsMax = CONNECTIONS_MAX, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + CONNECT_TIMEOUT_MS, // A server that is gone answers nothing, not even that it took too long.
    application_name: 'cavea query-service',
    options: `-c default_transaction_read_only=on -c search_path=${READERS_SCHEMA}`,
    types,
  })
  let closed: Promise<void> | undefined
  pool.on('error', (error) => {
    if (closed === undefined) warn('A connection to PostgreSQL broke.', plain(error))
  })

  async function ask<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return (await pool.query<Row>(text, [...values])).rows
    } catch (error) {
      warn('A report could not be read.', plain(error))
      throw new ReportsUnavailableError(error)
    }
  }

  return {
    search: (search) => ask<FoundPerformance>(...searchQuery(search)),
    history: (performanceId, points, nowMs) => ask<SeatCounts>(HISTORY, [performanceId, points, nowMs]),
    sales: ({ performanceId, seatMapId }, timeZone) => ask<SoldInCategory>(SALES, [performanceId, seatMapId, timeZone]),
    async seatDecisions({ performanceId, streamId, seat, after, limit }: SeatQuestion) {
      const from = [after?.offset ?? -1, after?.index ?? -1]
      const rows = await ask<SeatDecision & { actorKind: string; actorId: string }>(SEAT_DECISIONS, [
        performanceId,
        streamId,
        seat,
        ...from,
        limit,
      ])
      return rows.map(({ actorKind, actorId, ...decision }) => ({ ...decision, actor: { kind: actorKind, id: actorId } }))
    },
    async holdsOf(question) {
      const rows = await ask<{ holdId: string }>(...holdsQuery(question))
      return rows.map(({ holdId }) => holdId)
    },
    async hasReached(readModel, places) {
      const rows = await ask<LogPlace>(
        'SELECT topic, "partition", command_offset AS "commandOffset" FROM checkpoints WHERE projection = $1',
        [readModel],
      )
      return places.every(({ topic, partition, commandOffset }) =>
        rows.some((row) => row.topic === topic && row.partition === partition && row.commandOffset >= commandOffset),
      )
    },
    async close() {
      closed ??= pool.end()
      await closed
    },
  }
}

/** The driver hangs its connection on its errors, which is nothing to log. */
const plain = (error: unknown): unknown =>
  error instanceof Error ? Object.assign(new Error(error.message), 'code' in error && { code: error.code }) : error

/** A statement's text is ours alone: all that somebody asked for stands in its values. */
type Statement = [text: string, values: readonly unknown[]]

/**
 * A word counts wherever it stands, in the performance's name or its venue's and city's. Asked for word by word, the database
 * finds each by an index, of one table or the other.
 */
function searchQuery({ words, fromMs, toMs, city, country, organisation, after, limit }: PerformanceSearch): Statement {
  const values: unknown[] = []
  const value = (of: unknown): string => `$${values.push(of)}`
  const time = (ms: number): string => `to_timestamp(${value(ms)}::float8 / 1000)`
  const prefixes = words.map((word) => `'${word}':*`) // Of letters and digits alone.
  const conditions = prefixes.map((prefix) => {
    const query = `to_tsquery('simple', ${value(prefix)})`
    return `(p.words @@ ${query} OR p.venue_id = ANY (ARRAY(SELECT w.venue_id FROM venues w WHERE w.words @@ ${query})))`
  })
  conditions.push(organisation === undefined ? "p.status = 'scheduled'" : `p.organisation = ${value(organisation)}`)
  if (fromMs !== undefined) conditions.push(`p.starts_at >= ${time(fromMs)}`)
  if (toMs !== undefined) conditions.push(`p.starts_at < ${time(toMs)}`)
  if (city !== undefined) conditions.push(`v.city_words = ${value(city)}`)
  if (country !== undefined) conditions.push(`v.country = ${value(country)}`)
  const tables = 'performances p JOIN venues v ON v.venue_id = p.venue_id'
  if (words.length === 0) {
    if (after !== undefined) conditions.push(`(p.starts_at, p.performance_id) > (${time(after.order)}, ${value(after.id)})`)
    const text = `SELECT p.performance_id AS "performanceId", (extract(epoch FROM p.starts_at) * 1000)::bigint AS "order"
      FROM ${tables} WHERE ${conditions.join(' AND ')} ORDER BY p.starts_at, p.performance_id LIMIT ${value(limit)}`
    return [text, values]
  }
  const all = `to_tsquery('simple', ${value(prefixes.join(' & '))})`
  const found = `SELECT p.performance_id, ts_rank(p.words || v.words, ${all}) AS rank FROM ${tables} WHERE ${conditions.join(' AND ')}`
  const beyond = after === undefined ? '' : `WHERE (-rank, performance_id) > (-${value(after.order)}::real, ${value(after.id)} COLLATE "C")`
  const text = `SELECT performance_id AS "performanceId", rank AS "order" FROM (${found}) AS f ${beyond}
    ORDER BY -rank, performance_id LIMIT ${value(limit)}`
  return [text, values]
}

/** Ids sort by time, so the index that finds a buyer's holds has them in order. */
function holdsQuery({ buyer, status, after, limit }: HoldsQuestion): Statement {
  const values: unknown[] = [buyer]
  const value = (of: unknown): string => `$${values.push(of)}`
  const conditions = ['buyer = $1', "kind <> 'part'"]
  if (status !== undefined) conditions.push(`status = ${value(status)}`)
  if (after !== undefined) conditions.push(`hold_id < ${value(after)}`)
  const text = `SELECT hold_id AS "holdId" FROM holds WHERE ${conditions.join(' AND ')} ORDER BY hold_id DESC LIMIT ${value(limit)}`
  return [text, values]
}

// In float8, which is exact enough for a chart.
const HISTORY = `
  WITH span AS (
    SELECT extract(epoch FROM min(decided_at))::float8 AS first,
      greatest(extract(epoch FROM max(decided_at))::float8, $3::float8 / 1000) + 0.001 AS last
    FROM decisions WHERE performance_id = $1 AND context = 'seating'
  ), stretches AS (
    SELECT floor((extract(epoch FROM d.decided_at)::float8 - span.first) / (span.last - span.first) * $2::integer)::integer AS stretch,
      max(d.decided_at) AS at, sum(d.available) AS available, sum(d.held) AS held, sum(d.sold) AS sold, sum(d.blocked) AS blocked
    FROM decisions d, span
    WHERE d.performance_id = $1 AND d.context = 'seating' AND (d.available <> 0 OR d.held <> 0 OR d.sold <> 0 OR d.blocked <> 0)
    GROUP BY 1
  )
  SELECT (extract(epoch FROM at) * 1000)::bigint AS "atMs",
    (sum(available) OVER so_far)::integer AS available, (sum(held) OVER so_far)::integer AS held,
    (sum(sold) OVER so_far)::integer AS sold, (sum(blocked) OVER so_far)::integer AS blocked
  FROM stretches WINDOW so_far AS (ORDER BY stretch) ORDER BY stretch`

const SALES = `
  WITH sold AS (
    SELECT (s.sold_at AT TIME ZONE $3::text)::date AS day, s.section_id, s.price_revision, u.seat
    FROM sales s CROSS JOIN LATERAL unnest(s.seats) AS u (seat) WHERE s.performance_id = $1
  ), seats AS (
    SELECT c.section_id, row_number() OVER (PARTITION BY c.section_id ORDER BY c.part, u.place) - 1 AS seat, u.category
    FROM seat_categories c CROSS JOIN LATERAL unnest(c.categories) WITH ORDINALITY AS u (category, place)
    WHERE c.seat_map_id = $2
  ), areas AS (
    SELECT section_id, standing FROM seat_categories WHERE seat_map_id = $2 AND standing IS NOT NULL
  ), priced AS (
    SELECT sold.day, sold.price_revision, coalesce(areas.standing, seats.category, '') AS category
    FROM sold LEFT JOIN areas ON areas.section_id = sold.section_id
      LEFT JOIN seats ON seats.section_id = sold.section_id AND seats.seat = sold.seat
  )
  SELECT to_char(d.day, 'YYYY-MM-DD') AS day, d.category, d.seats::integer AS seats, d.revenue::bigint AS revenue
  FROM (
    SELECT o.day, o.category, count(*) AS seats, coalesce(sum(p.amount), 0) AS revenue
    FROM priced o LEFT JOIN prices p ON p.performance_id = $1 AND p.price_revision = o.price_revision
      AND p.category = o.category AND p.ticket_type = ''
    GROUP BY o.day, o.category
  ) AS d ORDER BY d.day, d.category LIMIT ${SALES_ROWS_MAX}`

// An extension names its hold alone, so it is one of the seat's when the hold is.
const SEAT_DECISIONS = `
  SELECT d."partition", d.log_offset AS "offset", d.event_index AS "index", (extract(epoch FROM d.decided_at) * 1000)::bigint AS "atMs",
    d.event_type AS event, d.status_after AS status, d.outcome, d.code, d.command_type AS "commandType", d.command_id AS "commandId",
    d.causation_id AS "causationId", d.hold_id AS "holdId", d.actor_kind AS "actorKind", d.actor_id AS "actorId"
  FROM decisions d
  WHERE d.performance_id = $1 AND d.stream_id = $2 AND d.context = 'seating'
    AND (d.seats @> ARRAY[$3::integer] OR (d.event_type = 'HoldExtended' AND EXISTS (
      SELECT FROM decisions h WHERE h.hold_id = d.hold_id AND h.event_type = 'SeatsHeld' AND h.seats @> ARRAY[$3::integer])))
    AND (d.log_offset, d.event_index) > ($4::bigint, $5::integer)
  ORDER BY d.log_offset, d.event_index LIMIT $6`
