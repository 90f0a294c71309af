import assert from 'node:assert/strict'
import { judgeTopic } from './log.ts'

const SETTINGS = {
  'message.timestamp.type': 'LogAppendTime',
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'unclean.leader.election.enable': 'false',
  'min.insync.replicas': '2',
}

const judge = (changed: Readonly<Record<string, string>> = {}, replicas = 3, inSync = replicas) =>
  judgeTopic({ topic: 'seating.events', partitions: 8, replicas, inSync, settings: new Map(Object.entries({ ...SETTINGS, ...changed })) })

describe('The doctor, on the settings of a topic', () => {
  it('finds nothing where the log gives the time, keeps everything, and two of three replicas must agree', () => {
    assert.deepEqual([judge().status, judge().advice], ['ok', ''])
  })

  it('fails what would lose or rewrite history, and names the settings that mend it', () => {
    const check = judge({ 'cleanup.policy': 'compact', 'retention.ms': '604800000', 'message.timestamp.type': 'CreateTime' })
    assert.equal(check.status, 'fail')
    assert.equal(check.advice, 'Set message.timestamp.type=LogAppendTime, cleanup.policy=delete, retention.ms=-1 on seating.events.')
  })

  it('fails where appends are refused for want of replicas, and warns where one lost disk may lose decisions', () => {
    assert.equal(judge({}, 3, 1).status, 'fail')
    assert.equal(judge({}, 3, 2).status, 'warn')
    assert.equal(judge({ 'min.insync.replicas': '1' }, 1).status, 'warn')
  })

  it('warns where the brokers do not tell', () => {
    assert.equal(judgeTopic({ topic: 't', partitions: 1, replicas: 3, inSync: 3, settings: new Map() }).status, 'warn')
  })
})
