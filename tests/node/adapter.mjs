// A second implementation of the Standard Interface, written from its text alone, over a register in memory.
// It takes every freedom that the text leaves: OpenAPI 3.0, chunked bodies, escaped JSON, cursors that are
// handles, relative links, an audience in Chinese, HTTP dates in Retry-After, codes and titles of its own.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { PATH, decoded, fault, gone, jsonBody, parameters, refused, whole } from './asking.mjs'
import * as corrections from './corrections.mjs'
import { announced, record, records, search, verify } from './data.mjs'
import { CLASSES, VERSION, catalogEntry, dcat, openapi, recordSchema } from './describe.mjs'
import * as guard from './guard.mjs'
import { Problem } from './problem.mjs'
import { entries, ordered, provider, source, table } from './register.mjs'

const issuers = JSON.parse(readFileSync(process.env.GDS_ISSUERS, 'utf8'))
const calendar = JSON.parse(process.env.GDS_CALENDAR)
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const JSON_TYPE = 'application/json; charset=utf-8'

// -- what it says of itself --------------------------------------------------------------------------

const quality = (id) => {
  const rows = table(id) ?? []
  const faultyRows = rows.filter((row) => row.fault).length
  return { lastProfiledAt: '2026-06-30', faultyRows, completeness: rows.length ? (rows.length - faultyRows) / rows.length : null }
}
const entryOf = (ask) => {
  const id = ask.params.catalogId
  if (!entries.has(id)) throw gone('no-such-entry', '没有该目录条目。', 'There is no such entry.')
  return catalogEntry(id, ask.base, quality(id))
}

function landing(ask) {
  const links = [['catalog', 'catalog'], ['service-desc', 'openapi.json'], ['conformance', 'conformance'], ['self', ''], ['status', 'health/live']]
  return { body: { links: [...links.map(([rel, place]) => ({ rel, href: `${ask.base}/${place}` })), { rel: 'license', href: 'https://www.gov.cn/' }], version: VERSION, title: '居民登记标准接口' } }
}

const discovery = (ask) => ({
  body: {
    links: [{ rel: 'start', href: `${ask.base}/` }],
    rateLimit: guard.QUOTA,
    tokenReuse: { default: 'withinLifetime', important: 'once' },
    maxTokenLifetime: guard.LONGEST,
    clockSkew: guard.SKEW,
    algorithms: ['EdDSA', 'ES256'],
    audience: guard.AUDIENCE,
    providerId: provider.code,
  },
})

function catalog(ask) {
  const { found, faults } = parameters(ask, ['limit', 'cursor', 'sharingType', 'provider', 'updatedSince'])
  const limit = found.get('limit') ?? '100'
  const since = found.get('updatedSince')
  const from = found.has('cursor') ? /^after-(\d{1,4})$/.exec(found.get('cursor'))?.[1] : 0
  if (!whole(limit) || Number(limit) > 1000) faults.push(fault('limit', 'out-of-range'))
  if (from === undefined) faults.push(fault('cursor', 'not-issued'))
  if (since !== undefined && ![{ wireType: 'dateTime' }, { wireType: 'date' }].some((item) => ordered(item, since) !== undefined)) faults.push(fault('updatedSince', 'no-instant'))
  if (found.has('sharingType') && !['unconditional', 'conditional', 'notShared'].includes(found.get('sharingType'))) faults.push(fault('sharingType', 'not-a-choice'))
  if (faults.length) throw refused(faults)
  const fits = (entry) =>
    (!found.has('sharingType') || entry.sharingType === found.get('sharingType')) &&
    (!found.has('provider') || entry.provider.code === found.get('provider')) &&
    (!since || Date.parse(entry.updatedAt) >= Date.parse(since))
  const all = [...entries.values()].filter(fits)
  const end = Number(from) + Number(limit)
  const query = new URLSearchParams([...[...found].filter(([name]) => name !== 'cursor'), ['cursor', `after-${end}`]])
  const links = end < all.length ? [{ href: `?${query}`, rel: 'next' }] : []
  const items = all.slice(Number(from), end).map(({ catalogId }) => catalogEntry(catalogId, ask.base, quality(catalogId)))
  return { body: { numberReturned: items.length, timeStamp: new Date().toISOString(), items, links }, zip: true }
}

const entry = (ask) => {
  const found = entryOf(ask)
  const linked = /application\/ld\+json/.test(ask.headers.accept ?? '')
  return { body: linked ? dcat(found) : found, type: linked ? 'application/ld+json' : JSON_TYPE, headers: { ...announced(found), Vary: 'Accept' } }
}

const versions = (ask) => {
  const { version, catalogCode, status, publishedAt, updatedAt } = entryOf(ask)
  const now = { version, catalogCode, status, publishedAt, updatedAt, current: true }
  return { body: { links: [], items: [{ ...now, version: '0.9.0', status: 'withdrawn', current: false }, now] } }
}

function ready(ask) {
  const detail = ask.who.role === 'operator' ? { detail: '由登记系统自检' } : {}
  const state = { source: source.stopped ? 'fail' : 'pass', audit: guard.audit.blocked ? 'fail' : 'pass', keys: 'pass', clock: 'warn' }
  const checks = Object.fromEntries(Object.entries(state).map(([name, status]) => [name, { ...detail, status }]))
  if (Object.values(state).includes('fail')) throw new Problem(503, 'not-ready', { zh: '尚未就绪。', en: 'Not ready.' }, { more: { checks }, headers: { 'Retry-After': '5' } })
  return { body: { checks, status: 'warn' } }
}

// -- grants, log, figures, corrections ---------------------------------------------------------------

const pageOf = (items, links = []) => ({ body: { links, items, timeStamp: new Date().toISOString(), numberReturned: items.length } })
const mine = (who, each) => who.role === 'provider' || who.role === 'exchange' || (who.role === 'consumer' && each.consumerId === who.consumerId)

function grant(ask) {
  const found = guard.grants.get(ask.params.grantId)
  if (!found || !mine(ask.who, found)) throw gone('no-such-grant', '没有该授权。', 'There is no such grant.')
  return { body: found }
}

function putGrant(ask) {
  guard.only(ask.who, 'exchange')
  const made = guard.putGrant(ask.params.grantId, jsonBody(ask))
  return made ? { status: 201, body: guard.grants.get(ask.params.grantId), headers: { Location: ask.url } } : { status: 204 }
}

function log(ask) {
  guard.only(ask.who, 'consumer', 'provider')
  const { found, faults } = parameters(ask, ['limit', 'cursor', 'requestId', 'consumerId'])
  const limit = found.get('limit') ?? '50'
  const before = Number(found.get('cursor') ?? guard.audit.records.length)
  if (!whole(limit) || !(before >= 0)) faults.push(fault('limit', 'out-of-range'))
  if (faults.length) throw refused(faults)
  const fits = (each) => ['requestId', 'consumerId'].every((name) => !found.has(name) || each[name] === found.get(name))
  const all = guard.audit.records.slice(0, before).map((each, place) => [each, place])
  const chosen = all.filter(([each]) => (ask.who.role === 'provider' || mine(ask.who, each)) && fits(each)).reverse()
  const part = chosen.slice(0, Math.min(limit, 300))
  const query = new URLSearchParams([...[...found].filter(([name]) => name !== 'cursor'), ['cursor', String(part.at(-1)?.[1])]])
  const links = part.length < chosen.length ? [{ rel: 'next', href: `${ask.base}/audit/records?${query}` }] : []
  return pageOf(part.map(([each]) => each), links)
}

const policy = () => ({ body: { clock: 'NTP：ntp.example.gov.cn', retention: 'P1096D', chain: 'replica', algorithm: 'sha-256', canonicalization: 'RFC 8785' } })

const calls = []
const middle = (values, share) => (values.length ? [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] : null)

// Two rows for each entry, reads and the rest, for whoever asks about them.
function stats(ask) {
  guard.only(ask.who, 'consumer', 'provider', 'operator')
  const { found, faults } = parameters(ask, ['catalogId'])
  if (faults.length) throw refused(faults)
  const own = calls.filter((each) => (ask.who.role !== 'consumer' || each.consumerId === ask.who.consumerId) && (!found.has('catalogId') || each.catalogId === found.get('catalogId')))
  const items = [...new Set(own.map((each) => each.catalogId))].flatMap((catalogId) =>
    [true, false].map((reading) => {
      const part = own.filter((each) => each.catalogId === catalogId && each.reading === reading)
      const times = part.map((each) => each.ms)
      const sum = part.reduce((total, each) => total + each.records, 0)
      return { corrections: corrections.counts(catalogId), p95DurationMs: middle(times, 0.95), medianDurationMs: middle(times, 0.5), failures: part.filter((each) => each.status >= 400).length, calls: part.length, records: sum, catalogId }
    }),
  )
  return { body: { timeStamp: new Date().toISOString(), items } }
}

function filing(ask) {
  guard.only(ask.who, 'consumer')
  const body = corrections.file(jsonBody(ask), (id) => guard.access(ask.who, id), calendar)
  return { status: 201, body, headers: { Location: `corrections/${body.correctionId}` } }
}

const readCase = (ask) => ({ body: corrections.read(ask.params.correctionId, ask.who) })
const moveCase = (ask) => {
  guard.only(ask.who, 'provider')
  return { body: corrections.move(ask.params.correctionId, jsonBody(ask), ask.who) }
}

// -- routes ------------------------------------------------------------------------------------------

const PUBLIC = true
const ROUTES = [
  ['/', { GET: landing }, PUBLIC],
  ['/conformance', { GET: () => ({ body: { conformsTo: [...CLASSES.map((name) => `urn:gds:1.0:conf:${name}`), 'https://example.gov.cn/conf/local'] } }) }, PUBLIC],
  ['/openapi.json', { GET: () => ({ body: openapi(PATH), zip: true }) }, PUBLIC],
  ['/health/live', { GET: () => ({ body: { status: 'pass' } }) }, PUBLIC],
  ['/health/ready', { GET: ready }],
  ['/catalog', { GET: catalog }],
  ['/catalog/{catalogId}', { GET: entry }],
  ['/catalog/{catalogId}/schema', { GET: (ask) => ({ body: recordSchema(entryOf(ask)), type: 'application/schema+json' }) }],
  ['/catalog/{catalogId}/versions', { GET: versions }],
  ['/datasets/{catalogId}/records', { GET: records }],
  ['/datasets/{catalogId}/records/_search', { POST: search }],
  ['/datasets/{catalogId}/records/{recordId}', { GET: record }],
  ['/datasets/{catalogId}/_verify', { POST: verify }],
  ['/grants', { GET: (ask) => pageOf([...guard.grants.values()].filter((each) => mine(ask.who, each))) }],
  ['/grants/{grantId}', { GET: grant, PUT: putGrant }],
  ['/audit/records', { GET: log }],
  ['/audit/policy', { GET: policy }],
  ['/stats', { GET: stats }],
  ['/corrections', { POST: filing }],
  ['/corrections/{correctionId}', { GET: readCase }],
  ['/corrections/{correctionId}/transitions', { POST: moveCase }],
].map(([template, methods, open = false]) => ({ template, methods, open, parts: template.split('/') }))
const DISCOVERY = { template: '/.well-known/gds-adapter', methods: { GET: discovery }, open: true, parts: [] }

function route(ask) {
  if (ask.path === DISCOVERY.template) return DISCOVERY
  if (!ask.path.startsWith(`${PATH}/`)) return undefined
  const parts = ask.path.slice(PATH.length).split('/')
  const found = ROUTES.find((each) => each.parts.length === parts.length && each.parts.every((part, place) => (part.startsWith('{') ? parts[place] : part === parts[place])))
  for (const [place, part] of found?.parts.entries() ?? []) if (part.startsWith('{')) ask.params[part.slice(1, -1)] = decoded(parts[place])[0]
  return found
}

const ACCEPTED = /(^|,)\s*(\*\/\*|application\/(\*|json|schema\+json|ld\+json|problem\+json))\s*(;|,|$)/i

function handle(ask) {
  const method = ask.method === 'HEAD' ? 'GET' : ask.method
  const found = route(ask)
  if (!found) throw gone('no-such-place', '没有该地址。', 'There is nothing here.')
  ask.template = found.template
  if (!found.methods[method]) {
    const allowed = Object.keys(found.methods).flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each]))
    throw new Problem(405, 'not-this-method', { zh: '不支持该方法。', en: 'Not by this method.' }, { headers: { Allow: allowed.join(', ') } })
  }
  if (!found.open) ask.who = guard.caller(ask.headers.authorization, issuers)
  if (!ACCEPTED.test(ask.headers.accept ?? '*/*')) throw new Problem(406, 'json-alone', { zh: '只提供 JSON。', en: 'Only JSON is served.' })
  if (![records, search, record, catalog, log, stats].includes(found.methods[method])) {
    const { faults } = parameters(ask, [])
    if (faults.length) throw refused(faults)
  }
  return found.methods[method](ask)
}

// -- HTTP --------------------------------------------------------------------------------------------

const written = (value) => `${JSON.stringify(value, null, 1).replace(/[\u0080-\uffff]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`

function answered(ask) {
  try {
    return { status: 200, type: JSON_TYPE, headers: {}, ...handle(ask) }
  } catch (error) {
    if (!(error instanceof Problem)) console.error(error)
    const problem = error instanceof Problem ? error : new Problem(500, 'went-wrong', { zh: '处理失败。', en: 'This failed.' })
    const language = /^en\b/i.test(ask.headers['accept-language'] ?? '') ? 'en' : 'zh'
    return { status: problem.status, type: 'application/problem+json', body: problem.document(language, ask.id), headers: { ...problem.headers, 'Content-Language': language }, code: problem.code, origin: problem.origin }
  }
}

function respond(ask, response) {
  const began = performance.now()
  const { status, type, body, headers, zip, code, origin } = answered(ask)
  const text = body === undefined ? '' : written(body)
  const zipped = zip && /\bgzip\b/.test(ask.headers['accept-encoding'] ?? '')
  const ms = Math.round((performance.now() - began) * 1000) / 1000
  if (/^\/(datasets|corrections|grants)\b/.test(ask.template)) note(ask, { status, code, origin, responseBytes: Buffer.byteLength(text), durationMs: ms })
  const limits = ask.who && ask.template.startsWith('/datasets/') ? guard.quotaHeaders(ask.who.grantId) : {}
  const more = { ...(text ? { 'Content-Type': type } : {}), ...(zipped ? { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : {}), ...limits, ...headers }
  response.writeHead(status, { 'API-Version': VERSION, 'Gds-Request-Id': ask.id, traceresponse: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`, ...more })
  const bytes = zipped ? gzipSync(text) : Buffer.from(text)
  if (ask.method !== 'HEAD') for (let place = 0; place < bytes.length; place += 700) response.write(bytes.subarray(place, place + 700))
  response.end()
}

function note(ask, outcome) {
  const { template: path, method, who, params } = ask
  if (guard.audit.blocked) return
  const caller = guard.callerFacts(who)
  if (params.catalogId) caller.catalogId = params.catalogId
  guard.logged({ requestId: ask.id, method, path, ...caller, caseId: who && ask.headers['gds-case-id'], ...guard.bodyFacts(ask.body), ...ask.facts, ...outcome })
  if (params.catalogId) calls.push({ catalogId: params.catalogId, consumerId: caller.consumerId, status: outcome.status, ms: outcome.durationMs, records: ask.facts.records ?? 0, reading: method === 'GET' })
}

const server = createServer({ keepAliveTimeout: 90_000, requestTimeout: 60_000 }, (request, response) => {
  const [path, query = ''] = request.url.split(/\?(.*)/s)
  const given = request.headers['gds-request-id'] ?? ''
  const ask = { method: request.method, url: request.url, path, query, headers: request.headers, id: UUID.test(given) ? given : guard.uuid(), params: {}, facts: {}, template: '', base: `http://${request.headers.host}${PATH}`, body: Buffer.alloc(0) }
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    ask.body = Buffer.concat(parts)
    respond(ask, response)
  })
})

// What somebody who runs the source may do to it: the kit's hook, on a port of its own.
const ACTIONS = {
  'stop-source': () => { source.stopped = true },
  'start-source': () => { source.stopped = false },
  'block-audit': () => { guard.audit.blocked = true },
  'unblock-audit': () => { guard.audit.blocked = false },
  update: ({ entry: id, record: row }) => source.touch(id, row?.recordId),
  correct: ({ entry: id }) => source.touch(id),
}
const control = createServer((request, response) => {
  let text = ''
  request.on('data', (part) => { text += part })
  request.on('end', () => {
    const asked = JSON.parse(text)
    const action = ACTIONS[asked.action]
    response.end(JSON.stringify(action ? { done: true, ...action(asked) } : { done: false }))
  })
})

server.listen(0, '127.0.0.1', () =>
  control.listen(0, '127.0.0.1', () =>
    console.log(JSON.stringify({ base: `http://127.0.0.1:${server.address().port}${PATH}`, control: `http://127.0.0.1:${control.address().port}/` })),
  ),
)
process.stdin.resume().on('end', () => process.exit(0))
