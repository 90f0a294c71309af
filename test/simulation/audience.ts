import type { PerformanceId, SeatIndex, SeatMapId, SectionId, VenueId } from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import { streamsOf } from '@cavea/contracts/streams'
import { CommandNotSentError, OverloadedError } from '@cavea/gateway/ports/command-bus'
import { actorOf, type Made, madeBy, type Outcome, type Request, requestOf, requestOfStep, send } from './clients.ts'
import type { SimulatedGateway } from './gateway.ts'
import { createVenue, draftSeatMap, FLOOR, ORGANISATION, SEATED, seatMapPart, termsOf } from './hall.ts'
import { Breach } from './invariants.ts'
import { randomFor } from './random.ts'
import { EPOCH_MS } from './scheduler.ts'
import { BOX_OFFICE, type Step } from './script.ts'
import type { World } from './world.ts'
import { codec } from './world.ts'

/** A client hears nothing for so long and tries again. */
const PATIENCE_MS = 7_000
const WAY_MS = 3
const AGAIN_MS = 400
/** Sections are told of a cart's end, and expire what is due, in this time. */
const REST_MS = 4_000
const REPEATED_AT_END = 12
const TRIES_MAX = 8
/** After a storm, everything is as it was within this time. */
const HEALED_MS = 10_000

type Heard = Outcome | 'nothing' | 'not sent' | 'refused'

/** The organiser who opens the hall, the buyers, and what each of them knows. */
export class Audience {
  readonly #world: World
  readonly #random: () => number
  readonly #requests = new Map<number, Request>()
  readonly #outcomes = new Map<number, Outcome>()
  /** By command: how often it was sent, and how often the answer was that the log does not have it. */
  readonly #sent = new Map<string, number>()
  readonly #notSent = new Map<string, number>()
  answers = 0
  isDone = false
  state = 'the hall is being opened'

  constructor(world: World) {
    this.#world = world
    this.#random = randomFor(world.options.seed, 'audience')
  }

  open(): void {
    this.#play().then(
      () => {
        this.isDone = true
      },
      (error: unknown) => this.#world.referee.violated('end', `A client threw: ${error instanceof Error ? error.stack : String(error)}`),
    )
  }

  async #play(): Promise<void> {
    const performanceId = await this.#openHall()
    this.state = 'clients are at work'
    const { script } = this.#world.options
    const clients = new Set(script.map(({ client }) => client))
    await Promise.all(
      [...clients].map((client) =>
        this.#follow(
          performanceId,
          script.filter((step) => step.client === client),
        ),
      ),
    )
    this.state = 'the weather is awaited'
    while (this.#world.faults.calmSinceMs === undefined || this.#world.scheduler.nowMs < this.#lastStormMs()) await this.#wait(500)
    this.state = 'answers are asked for again'
    await this.#wait(REST_MS)
    await this.#askAgain()
    this.state = 'holds run out'
    await this.#untilAtRest()
    for (const [commandId, times] of this.#notSent) if (times === this.#sent.get(commandId)) this.#world.referee.neverSent(commandId)
  }

  #lastStormMs(): number {
    const { storms } = this.#world.options
    return Math.max(0, ...storms.map(({ toMs }) => toMs)) + EPOCH_MS
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.scheduler.after(ms, resolve))
  }

  async #openHall(): Promise<PerformanceId> {
    const ask = (key: string, message: { readonly type: string }) =>
      this.#insist(key, { context: 'catalog', bucket: bucketOf(ORGANISATION), message })
    const idIn = async (key: string, message: { readonly type: string }, field: string): Promise<string> => {
      const { decision } = await ask(key, message)
      const [event] = decision.events
      if (event === undefined) throw new Error(`${key} was refused: ${decision.rejection?.code}.`)
      return (codec.decodeMessage<{ type: string }>('catalog', event) as unknown as Record<string, string>)[field] ?? ''
    }
    const venueId = (await idIn('venue', createVenue, 'venueId')) as VenueId
    const seatMapId = (await idIn('map', draftSeatMap(venueId), 'seatMapId')) as SeatMapId
    for (const part of SEATED.keys()) await ask(`part ${part}`, seatMapPart(seatMapId, part))
    await ask('publish', { type: 'PublishSeatMap', seatMapId } as Made['message'])
    const startsAtMs = 2_000_000_000_000
    const performance = {
      seatMapId,
      name: 'Fidelio',
      startsAtMs,
      endsAtMs: null,
      currency: 'EUR',
      terms: termsOf(this.#world.options),
    }
    const performanceId = (await idIn(
      'performance',
      { type: 'SchedulePerformance', ...performance } as Made['message'],
      'performanceId',
    )) as PerformanceId
    while (!this.#world.gateways.some((gateway) => gateway.directory.performance(performanceId)?.status === 'scheduled'))
      await this.#wait(200)
    // Most of the floor is kept, so that few places are left to fight for.
    const streams = streamsOf({ sectionId: FLOOR.sectionId as SectionId, seatCount: FLOOR.capacity, shards: 2 })
    for (const { sectionId, seatCount } of streams) {
      const seats = Array.from({ length: seatCount - FLOOR.left }, (_, seat) => (FLOOR.left + seat) as SeatIndex)
      const message = { type: 'BlockSeats', performanceId, sectionId, seats, note: 'stage' } as Made['message']
      await this.#insist(`keep ${sectionId}`, { context: 'seating', bucket: bucketOf(sectionKey(performanceId, sectionId)), message })
    }
    return performanceId
  }

  /** Asks until it is answered. */
  async #insist(key: string, made: Made): Promise<Outcome> {
    const request = requestOf(actorOf(BOX_OFFICE), key, key, () => made)
    for (;;) {
      const heard = await this.#ask(request)
      if (typeof heard !== 'string') return heard
      await this.#wait(AGAIN_MS * this.#random())
    }
  }

  async #follow(performanceId: PerformanceId, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#wait(step.waitMs)
      const request = requestOfStep(step, performanceId, this.#outcomes, this.#requests)
      if (request === undefined) continue
      if (step.wish.do !== 'misuse') this.#requests.set(step.id, request)
      const fromMs = this.#world.scheduler.nowMs
      let isAnswered = false
      for (let tries = 0; tries < TRIES_MAX && !isAnswered; tries++) {
        if (this.#world.faults.happens('repeatedRequests', 0.5)) void this.#ask(request)
        const heard = await this.#ask(request)
        isAnswered = heard === 'refused' || typeof heard !== 'string'
        if (typeof heard !== 'string') {
          if (step.wish.do !== 'misuse') this.#outcomes.set(step.id, heard)
          this.#world.note(`${step.client} ${step.wish.do} (step ${step.id}): ${heard.decision.rejection?.code ?? heard.made ?? 'done'}`)
        }
        if (!isAnswered) await this.#wait(AGAIN_MS * this.#random() * (1 + tries))
      }
      if (!isAnswered && this.#wasCalmSince(fromMs)) {
        const { commandId } = request
        this.#world.referee.violated('I10', `${commandId} is asked for ${TRIES_MAX} times in calm weather, and not answered.`)
      }
    }
  }

  /** Whether there was no storm, nor one shortly before. */
  #wasCalmSince(fromMs: number): boolean {
    const { calmSinceMs } = this.#world.faults
    return calmSinceMs !== undefined && (calmSinceMs === EPOCH_MS || calmSinceMs + HEALED_MS < fromMs)
  }

  /** One request through some gateway. A gateway that dies or says nothing leaves it open what became of it. */
  #ask(request: Request, through?: SimulatedGateway): Promise<Heard> {
    const { scheduler, gateways, referee } = this.#world
    const living = gateways.filter(({ machine }) => machine.state !== 'dead')
    const gateway = through ?? living[Math.floor(this.#random() * living.length)]
    if (gateway === undefined) return Promise.resolve('nothing')
    return new Promise((resolve) => {
      const hear = (heard: Heard): void => void scheduler.after(this.#random() * WAY_MS, () => resolve(heard))
      scheduler.after(PATIENCE_MS, () => resolve('nothing'))
      gateway.machine.onDeath(() => hear('nothing'))
      addOne(this.#sent, request.commandId)
      scheduler.after(this.#random() * WAY_MS, () =>
        gateway.machine.deliver(() => {
          send(gateway, request).then(
            (answer) => {
              referee.answered(request.commandId, request.bodyHash, answer)
              if (answer.outcome === 'undecided') return hear('nothing')
              this.answers++
              const { decision, context } = answer
              hear({ request, context, decision, made: madeBy(codec, context, decision) })
            },
            (error: unknown) => {
              if (error instanceof Breach) referee.violated(error.invariant, error.message)
              const code = (error as { readonly code?: string }).code
              if (code === 'INVALID_INPUT' || code === 'SEAT_NOT_FOUND') return hear('refused')
              if (!(error instanceof CommandNotSentError || error instanceof OverloadedError)) return hear('nothing')
              addOne(this.#notSent, request.commandId)
              hear('not sent')
            },
          )
        }),
      )
    })
  }

  /** Invariant I2: whoever asks again gets the first answer, from any gateway, and from one that has just started too. */
  async #askAgain(): Promise<void> {
    const fresh = this.#world.startGateway()
    const outcomes = [...this.#outcomes.values()].slice(-REPEATED_AT_END)
    for (const [at, { request, decision }] of outcomes.entries()) {
      for (let tries = 0; ; tries++) {
        const heard = await this.#ask(request, at % 3 === 0 ? undefined : fresh)
        if (typeof heard === 'string') {
          if (tries > 20) return this.#world.referee.violated('I10', `${request.commandId} is not answered again: ${heard}.`)
          await this.#wait(AGAIN_MS)
          continue
        }
        // That a key was used for something else is decided each time anew, and is always the answer.
        const isReused = decision.rejection?.code === 'IDEMPOTENCY_KEY_REUSED'
        const isSame = isReused ? heard.decision.rejection?.code === decision.rejection?.code : heard.decision.link === decision.link
        if (!isSame) this.#world.referee.violated('I2', `${request.commandId} is answered otherwise the second time.`)
        break
      }
    }
  }

  /** Until every hold ended or was sold, and sections know what became of the carts. */
  async #untilAtRest(): Promise<void> {
    for (let waits = 0; waits < 200; waits++) {
      await this.#wait(500)
      const { ledgers } = this.#world.referee
      const isBusy = [...ledgers.values()].some(
        ({ seating, carts }) =>
          [...seating.holds.values()].some(({ status }) => status === 'held') ||
          [...carts.carts.values()].some(({ status }) => status === 'held' || status === 'opening'),
      )
      if (!isBusy) break
    }
    await this.#wait(REST_MS)
  }
}

const addOne = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
