import type { Performance } from '@cavea/contracts/catalog/directory'
import { sectionKey } from '@cavea/contracts/partitioning'
import type { Caller } from '@cavea/service-kit/tokens'
import type { HoldAnswer } from '../answers/hold.ts'
import { availabilityOf, type ChosenSection, seatsOf, versionsOf } from '../answers/sections.ts'
import { decodeSince } from '../answers/since.ts'
import type { ReadModel } from '../application/read-model.ts'
import { unauthenticated } from '../routes/callers.ts'
import type { Lookups } from '../routes/lookups.ts'
import { failed, malformed } from '../routes/problems.ts'
import type { Wish } from '../subscriptions/hub.ts'
import type { Source } from '../subscriptions/topic.ts'
import { requireSections } from './resolvers.ts'
import type { RootField } from './selection.ts'

/** Encodes the value of the field with the selection of the operation. */
export type EncodeValue = (value: object) => Buffer

/** What the hub is to do for a subscription. Throws a problem where REST would answer one. */
export type ReadWish = (field: RootField, caller: Caller | undefined, encode: EncodeValue) => Omit<Wish, 'outlet'>

export function createWishes({ readModel, lookups }: { readonly readModel: ReadModel; readonly lookups: Lookups }): ReadWish {
  function sectionsWish(
    { name, args, selectionKey }: RootField,
    show: (performance: Performance, sections: readonly ChosenSection[], since: readonly number[] | undefined) => Buffer,
  ): Omit<Wish, 'outlet'> {
    const {
      performanceId,
      sectionIds = null,
      since = null,
    } = args as {
      readonly performanceId: string
      readonly sectionIds?: readonly string[] | null
      readonly since?: string | null
    }
    const performance = lookups.performance(performanceId)
    lookups.requireSeats(performance)
    const sections = requireSections(performance, sectionIds)
    const versions = since === null ? undefined : decodeSince(since, performanceId, sections)
    if (since !== null && versions === undefined)
      throw malformed('SINCE_INVALID', '/variables/since', 'since must be that of an earlier message about this performance.')
    const keys = sections.flatMap(({ streams }) => streams.map(({ sectionId }) => sectionKey(performanceId, sectionId)))
    const source: Source = {
      versions: () => versionsOf(readModel.section, performanceId, sections),
      encode: (from) => show(readModel.directory.performance(performanceId) ?? performance, sections, from),
      isOver: () => false,
      check() {
        if (readModel.currency('seating', keys) === 'failed') throw failed()
      },
    }
    const places = sections.map(({ index }) => index).join(',')
    return {
      key: `${name} ${performanceId} ${places}\n${selectionKey}`,
      watched: { kind: 'sections', performanceId, sectionIds: sections.map(({ summary }) => summary.sectionId) },
      source: () => source,
      ...(versions !== undefined && { since: versions }),
    }
  }

  function holdWish({ name, args, selectionKey }: RootField, caller: Caller | undefined, encode: EncodeValue): Omit<Wish, 'outlet'> {
    const { holdId } = args as { readonly holdId: string }
    if (caller === undefined) throw unauthenticated('A Bearer token is needed.', 'Bearer')
    lookups.hold(caller, holdId)
    return {
      key: `${name} ${holdId} ${caller.kind} ${caller.id}\n${selectionKey}`,
      watched: { kind: 'hold', holdId },
      source: () => holdSource(() => lookups.hold(caller, holdId), encode),
    }
  }

  return (field, caller, encode) => {
    switch (field.name) {
      case 'availabilityChanged':
        return sectionsWish(field, (performance, sections, since) =>
          encode(availabilityOf(readModel.section, performance, sections, since)),
        )
      case 'seatsChanged':
        return sectionsWish(field, (performance, sections, since) =>
          encode(seatsOf(readModel.section, performance, lookups.mapOf(performance), sections, since)),
        )
      case 'holdChanged':
        return holdWish(field, caller, encode)
      default:
        throw new TypeError(`Nothing is known of the subscription ${field.name}.`)
    }
  }
}

/** A hold is told as a whole after each change; its version counts what was seen to be different here. */
function holdSource(read: () => HoldAnswer, encode: EncodeValue): Source {
  let seen = JSON.stringify(read())
  let version = 1
  return {
    versions() {
      const now = JSON.stringify(read())
      if (now !== seen) version++
      seen = now
      return [version]
    },
    encode: () => encode(read()),
    isOver: () => read().status !== 'held',
    check: () => void read(), // It throws what REST answers.
  }
}
