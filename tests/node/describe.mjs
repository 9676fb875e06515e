// What this register says of itself: entries, record schemas, DCAT, and the OpenAPI document.
import { entries, kindOf } from './register.mjs'

const STARTED = new Date().toISOString()
export const VERSION = '1.4.2'
export const CLASSES = ['fidelity', 'ops', 'audit', 'security', 'corrections', 'verify', 'query', 'catalog', 'core']

export function catalogEntry(id, base, quality) {
  const { query, verify, ...entry } = entries.get(id)
  const place = `${base}/datasets/${encodeURIComponent(id)}`
  const open = entry.sharingType !== 'notShared'
  const distributions = [{ href: `${place}/records`, method: 'serviceInterface', httpMethod: 'GET' }]
  return {
    links: [{ href: `${base}/catalog/${encodeURIComponent(id)}/schema`, rel: 'describedby' }, { href: 'https://www.gov.cn/', rel: 'license' }],
    quality,
    ...(open ? { query, distributions, ...(verify ? { verify } : {}) } : {}),
    dataAsOf: entry.status === 'draft' ? '2026-02-01' : STARTED,
    sharingTypeCode: { unconditional: '1', conditional: '2', notShared: '3' }[entry.sharingType],
    ...(entry.status === 'draft' ? { delayedReason: '尚未发布' } : {}),
    ...entry,
    items: entry.items.map((item) => ({ ...item, extensions: {} })),
  }
}

const WIRE = {
  string: { type: 'string' },
  binary: { type: 'string', contentEncoding: 'base64' },
  integer: { type: ['integer', 'string'], pattern: '^-?[0-9]{16,}$' },
  decimal: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  dateTime: { type: 'string', format: 'date-time' },
  time: { type: 'string', format: 'time' },
}

export function recordSchema(entry) {
  const one = (item) => (item.nullable ? { anyOf: [{ $ref: `#/$defs/${kindOf(item)}` }, { type: 'null' }] } : { $ref: `#/$defs/${kindOf(item)}` })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: entry.name,
    type: 'object',
    properties: Object.fromEntries(entry.items.map((item) => [item.field, item.sharingType === 'notShared' ? false : { title: item.name, ...one(item) }])),
    $defs: WIRE,
  }
}

export const dcat = (entry) => ({
  '@context': { dcat: 'http://www.w3.org/ns/dcat#', dct: 'http://purl.org/dc/terms/' },
  '@type': 'dcat:Dataset',
  'dct:title': { '@value': entry.name, '@language': 'zh' },
  'dct:identifier': entry.catalogCode,
  'dct:publisher': entry.provider.name,
})

// -- OpenAPI 3.0, with references for nearly everything ---------------------------------------------

const text = { type: 'string' }
const list = (items) => ({ type: 'array', items })
const open = (required, properties = {}) => ({ type: 'object', required, properties })
const ref = (name) => ({ $ref: `#/components/schemas/${name}` })
const page = (items) => open(['items', 'numberReturned', 'timeStamp', 'links'], { items: list(items), numberReturned: { type: 'integer' }, links: list(ref('Link')) })

const schemas = {
  Link: open(['rel', 'href'], { rel: text, href: text }),
  Problem: open(['type', 'title', 'status', 'detail', 'code', 'origin', 'requestId'], { status: { type: 'integer', minimum: 400 }, code: text, errors: list(open(['pointer', 'code'])) }),
  Landing: open(['title', 'version', 'links'], { links: list(ref('Link')) }),
  Classes: open(['conformsTo'], { conformsTo: list(text) }),
  Live: { ...open(['status'], { status: { type: 'string', enum: ['pass'] } }), additionalProperties: false },
  Ready: open(['status', 'checks']),
  Discovery: open(['audience', 'providerId', 'algorithms']),
  Entry: open(['catalogId', 'items', 'sharingType'], { delayedReason: { type: 'string', nullable: true } }),
  Entries: page(ref('Entry')),
  Schema: open(['properties']),
  Linked: open(['@type']),
  Versions: open(['items', 'links']),
  Record: { type: 'object', additionalProperties: true },
  Records: page(ref('Record')),
  Search: { type: 'object', properties: { filter: { type: 'object' }, fields: list(text), sort: list(text), limit: { type: 'integer' }, cursor: text }, additionalProperties: false },
  Claims: open(['claims'], { claims: list({ type: 'object' }) }),
  Outcomes: { ...open(['results'], { results: list(open(['outcome'])) }), additionalProperties: false },
  Grant: open(['consumerId', 'catalogId', 'purposeId', 'method']),
  Grants: page(ref('Grant')),
  Log: page({ type: 'object' }),
  Policy: open(['retention', 'clock']),
  Stats: open(['items', 'timeStamp']),
  Case: open(['correctionId', 'status', 'receivedAt', 'dueAt', 'steps']),
  Filing: open(['catalogId', 'kind', 'description']),
  Step: open(['status'], { status: text }),
  Document: open(['openapi', 'info', 'paths']),
}

const content = (name, media = 'application/json') => ({ content: { [media]: { schema: ref(name) } } })
const failed = { '4XX': { $ref: '#/components/responses/failed' }, '5XX': { $ref: '#/components/responses/failed' } }
const answer = (status, name) => ({ [status]: { description: '成功', ...(name ? content(name) : {}) }, ...failed })
const param = (name) => ({ name, in: 'query', schema: text })
const asks = (name) => ({ requestBody: { required: true, ...content(name) } })

// Path, method, name of the answer, and what is odd about the operation.
const OPERATIONS = [
  ['/', 'get', 'Landing', { security: [] }],
  ['/conformance', 'get', 'Classes', { security: [] }],
  ['/openapi.json', 'get', 'Document', { security: [] }],
  ['/health/live', 'get', 'Live', { security: [] }],
  ['/health/ready', 'get', 'Ready'],
  ['/.well-known/gds-adapter', 'get', 'Discovery', { security: [] }],
  ['/catalog', 'get', 'Entries', { parameters: ['limit', 'cursor', 'sharingType', 'provider', 'updatedSince'].map(param) }],
  ['/catalog/{catalogId}', 'get', 'Entry', { responses: { 200: { description: '成功', content: { ...content('Entry').content, ...content('Linked', 'application/ld+json').content } }, ...failed } }],
  ['/catalog/{catalogId}/schema', 'get', 'Schema', { responses: { 200: { description: '成功', ...content('Schema', 'application/schema+json') }, ...failed } }],
  ['/catalog/{catalogId}/versions', 'get', 'Versions'],
  ['/datasets/{catalogId}/records', 'get', 'Records', { parameters: ['limit', 'cursor', 'fields', 'sort'].map(param) }],
  ['/datasets/{catalogId}/records/{recordId}', 'get', 'Record', { parameters: [param('fields')], responses: { ...answer(200, 'Record'), 304: { description: '未变化' } } }],
  ['/datasets/{catalogId}/records/_search', 'post', 'Records', asks('Search')],
  ['/datasets/{catalogId}/_verify', 'post', 'Outcomes', asks('Claims')],
  ['/grants', 'get', 'Grants'],
  ['/grants/{grantId}', 'get', 'Grant'],
  ['/grants/{grantId}', 'put', 'Grant', { ...asks('Grant'), responses: { ...answer(201, 'Grant'), 204: { description: '已更新' } } }],
  ['/audit/records', 'get', 'Log', { parameters: ['limit', 'cursor', 'requestId', 'consumerId'].map(param) }],
  ['/audit/policy', 'get', 'Policy'],
  ['/stats', 'get', 'Stats', { parameters: [param('catalogId')] }],
  ['/corrections', 'post', 'Case', { ...asks('Filing'), responses: answer(201, 'Case') }],
  ['/corrections/{correctionId}', 'get', 'Case'],
  ['/corrections/{correctionId}/transitions', 'post', 'Case', asks('Step')],
]

export function openapi(path) {
  const paths = {}
  for (const [place, method, name, odd = {}] of OPERATIONS) {
    const inside = [...place.matchAll(/\{(\w+)\}/g)].map(([, each]) => ({ name: each, in: 'path', required: true, schema: text }))
    const operation = { operationId: `${method}${place.replace(/\W+(\w?)/g, (_, letter) => letter.toUpperCase())}`, responses: answer(200, name), ...odd }
    paths[place] ??= { ...(inside.length ? { parameters: inside } : {}), ...(place.startsWith('/.well-known') ? { servers: [{ url: '/' }] } : {}) }
    paths[place][method] = operation
    // HEAD is GET without a body; it is written down because every method that answers is.
    if (method === 'get') paths[place].head = { ...operation, operationId: `head${operation.operationId}`, responses: { 200: { description: '成功' }, ...failed } }
  }
  return {
    openapi: '3.0.3',
    info: { title: '居民登记（第二实现）', version: VERSION },
    servers: [{ url: path }],
    security: [{ token: [] }],
    paths,
    components: { schemas, responses: { failed: { description: '问题', ...content('Problem', 'application/problem+json') } }, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  }
}
