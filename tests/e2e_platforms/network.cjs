// A Bluesky network of one machine: PLC, PDS and AppView as they run in public (npm
// @atproto/dev-env), and beside them a stand-in for Jetstream, which is on no registry: it reads the
// PDS's own firehose and sends it on as Jetstream's events of version 1, from a cursor or live.
// Prints one line of JSON with the addresses once all answer. SIGTERM ends it.
'use strict'
const { TestNetwork } = require('@atproto/dev-env')
const { Firehose } = require('@atproto/sync')
const { WebSocketServer } = require('ws')

const events = []
const listeners = new Set()
let clock = 0

function micros() {
  clock = Math.max(clock + 1, Date.now() * 1000)
  return clock
}

function asJetstream(event) {
  const told = { did: event.did, time_us: micros() }
  if (event.event === 'identity') return { ...told, kind: 'identity', identity: { did: event.did, seq: event.seq } }
  if (event.event === 'account') {
    return { ...told, kind: 'account', account: { active: event.active, did: event.did, status: event.status } }
  }
  if (!['create', 'update', 'delete'].includes(event.event)) return null
  const commit = { rev: event.rev, operation: event.event, collection: event.collection, rkey: event.rkey }
  if (event.event !== 'delete') Object.assign(commit, { record: event.record, cid: String(event.cid) })
  return { ...told, kind: 'commit', commit }
}

function send(listener, event) {
  const wanted = event.kind !== 'commit' || !listener.wanted.length || listener.wanted.includes(event.commit.collection)
  if (wanted && event.time_us >= listener.cursor) listener.socket.send(JSON.stringify(event))
}

function accept(socket, request) {
  const asked = new URL(request.url, 'http://localhost').searchParams
  const cursor = Number(asked.get('cursor') || clock + 1)
  const listener = { socket, cursor, wanted: asked.getAll('wantedCollections') }
  for (const event of events) send(listener, event)
  listeners.add(listener)
  socket.on('close', () => listeners.delete(listener))
}

async function main() {
  const network = await TestNetwork.create({
    bsky: { dbPostgresSchema: 'vigie' },
    ozone: { dbPostgresSchema: 'vigie_ozone' },
  })
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((ready) => server.on('listening', ready))
  server.on('connection', accept)
  const firehose = new Firehose({
    service: network.pds.url.replace('http', 'ws'),
    idResolver: network.pds.ctx.idResolver,
    unauthenticatedCommits: true,
    unauthenticatedHandles: true,
    handleEvent: async (event) => {
      const told = asJetstream(event)
      if (told === null) return
      events.push(told)
      for (const listener of listeners) send(listener, told)
    },
    onError: (error) => console.error(error),
  })
  firehose.start()
  const jetstream = `ws://127.0.0.1:${server.address().port}`
  console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url, jetstream }))
  process.on('SIGTERM', () => process.exit(0))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
