// The data of an entry: lists, searches, single records, and verification.
import { createHash, randomBytes } from 'node:crypto'
import { PATH, fault, gone, jsonBody, parameters, refused, whole } from './asking.mjs'
import * as guard from './guard.mjs'
import { Problem } from './problem.mjs'
import { condition, seen, shared, sorted, source } from './register.mjs'

const RESERVED = ['limit', 'cursor', 'fields', 'sort']
const handles = new Map()

function question(access, given, filters, uri, faults = []) {
  const { entry, fields: granted, masked } = access
  const items = new Map(shared(entry).map((item) => [item.field, item]))
  const refusals = []
  const named = (name) => {
    if (items.has(name) && !granted.includes(name)) refusals.push('item-not-granted')
    else if (masked.has(name)) refusals.push('item-masked')
  }
  const tests = []
  for (const [name, value] of filters) {
    const [field, suffix = '', more] = name.split('.')
    const item = items.get(field)
    if (item?.sensitive && uri) throw refused([fault(name, 'sensitive-in-uri')], 'sensitive-in-uri')
    const suffixes = ['', ...(item?.rangeable ? ['gte', 'gt', 'lte', 'lt'] : []), ...(uri ? [] : ['in'])]
    const test = item?.filterable && suffixes.includes(suffix) && more === undefined && condition(item, suffix, value)
    named(field)
    if (test) tests.push(test)
    else if (!item || granted.includes(field)) faults.push(fault(name, item ? 'cannot-be-asked' : 'not-known'))
  }
  for (const name of given.fields ?? []) {
    if (name !== 'recordId' && !items.has(name)) faults.push(fault('fields', 'not-known'))
    else if (items.has(name) && !granted.includes(name)) refusals.push('item-not-granted')
  }
  for (const name of given.sort ?? []) {
    const field = String(name).replace(/^-/, '')
    named(field)
    if (!items.get(field)?.sortable) faults.push(fault('sort', 'no-order'))
  }
  const limit = given.limit ?? entry.query.defaultLimit
  if (!whole(limit) || Number(limit) > entry.query.maxLimit) faults.push(fault('limit', `at-most-${entry.query.maxLimit}`))
  if (faults.length) throw refused(faults)
  if (refusals.length) throw new Problem(403, refusals[0], { zh: '该数据项不在授权范围内。', en: 'The grant does not open this item.' })
  return { tests, fields: given.fields, sort: given.sort ?? [], limit: Number(limit), from: 0 }
}

function continued(access, given, more) {
  const kept = handles.get(given.cursor)
  const own = kept && kept.grantId === access.grant.grantId && kept.catalogId === access.entry.catalogId
  const entry = access.entry
  const limit = given.limit ?? kept?.asked.limit
  const faults = []
  if (!own) faults.push(fault('cursor', 'not-issued'))
  if (more) faults.push(fault('cursor', 'stands-alone'))
  if (own && (!whole(limit) || Number(limit) > entry.query.maxLimit)) faults.push(fault('limit', 'out-of-range'))
  if (faults.length) throw refused(faults)
  return { ...kept.asked, limit: Number(limit) }
}

function page(ask, access, asked) {
  source.answer()
  const { entry } = access
  const rows = access.rows().filter((row) => asked.tests.every((test) => test(row.values)))
  const part = sorted(entry, rows, asked.sort).slice(asked.from, asked.from + asked.limit)
  const faulty = part.filter((row) => row.fault).map((row) => row.fault)
  const items = part.filter((row) => !row.fault).map((row) => seen(row, access, asked.fields))
  const links = [{ href: `${PATH}/catalog/${encodeURIComponent(entry.catalogId)}`, rel: 'describedby' }]
  if (asked.from + asked.limit < rows.length) {
    const handle = `${randomBytes(18).toString('base64')}=`
    handles.set(handle, { grantId: access.grant.grantId, catalogId: entry.catalogId, asked: { ...asked, from: asked.from + asked.limit } })
    const place = ask.path.endsWith('_search') ? '../records' : 'records'
    links.unshift({ rel: 'next', href: `${place}?limit=${asked.limit}&cursor=${encodeURIComponent(handle)}` })
  }
  ask.facts = { records: items.length, faulty: faulty.length || undefined }
  const counted = entry.query.count ? { numberMatched: rows.length } : {}
  const body = { timeStamp: new Date().toISOString(), links, ...(faulty.length ? { faulty } : {}), ...counted, items, numberReturned: items.length }
  return { body, headers: announced(entry) }
}

export const announced = ({ changeNotice: notice }) =>
  notice ? { Deprecation: `@${Date.parse(notice.announcedAt) / 1000}`, Sunset: new Date(notice.effectiveAt).toUTCString() } : {}

const listed = (text) => text?.split(',')

export function records(ask) {
  const access = opened(ask, 'serviceInterface')
  const { found, faults } = parameters(ask, RESERVED, true)
  const filters = [...found].filter(([name]) => !RESERVED.includes(name))
  const given = { limit: found.get('limit'), cursor: found.get('cursor'), fields: listed(found.get('fields')), sort: listed(found.get('sort')) }
  if (given.cursor !== undefined) return page(ask, access, continued(access, given, filters.length || given.fields || given.sort))
  return page(ask, access, question(access, given, filters, true, faults))
}

export function search(ask) {
  const access = opened(ask, 'serviceInterface')
  const body = jsonBody(ask)
  const shapes = { filter: (v) => typeof v === 'object' && v && !Array.isArray(v), fields: strings, sort: strings, limit: Number.isInteger, cursor: (v) => typeof v === 'string' }
  const { faults } = parameters(ask, [])
  faults.push(...Object.entries(body).filter(([name, value]) => !shapes[name]?.(value)).map(([name]) => fault(name, shapes[name] ? 'wrong-shape' : 'not-known')))
  if (faults.length) throw refused(faults)
  const more = body.filter || body.fields || body.sort
  return page(ask, access, body.cursor !== undefined ? continued(access, body, more) : question(access, body, Object.entries(body.filter ?? {}), false))
}

const strings = (value) => Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')

export function record(ask) {
  const access = opened(ask, 'serviceInterface')
  const { found, faults } = parameters(ask, ['fields'])
  if (faults.length) throw refused(faults)
  const { fields } = question(access, { fields: listed(found.get('fields')) }, [], true)
  source.answer()
  const row = access.rows().find((each) => each.id === ask.params.recordId && !each.fault)
  if (!row) throw gone('no-such-record', '没有该记录。', 'There is no such record.')
  const body = seen(row, access, fields)
  const tag = `W/"${createHash('md5').update(JSON.stringify(body)).digest('base64url')}"`
  ask.facts = { records: 1 }
  const known = (ask.headers['if-none-match'] ?? '').split(/\s*,\s*/).some((each) => each.replace('W/', '') === tag.slice(2))
  const headers = { ETag: tag, 'Cache-Control': 'private, no-cache', ...announced(access.entry) }
  return known ? { status: 304, headers } : { body, headers }
}

// A data call: its entry, its grant, and a log that can be written.
function opened(ask, method) {
  guard.recordable()
  const access = guard.access(ask.who, ask.params.catalogId, method)
  return access
}

// -- verify ------------------------------------------------------------------------------------------

const folded = (text, rules) => {
  let value = String(text)
  if (rules?.trim) value = value.trim()
  if (rules?.width) value = value.replace(/[！-～]/g, (each) => String.fromCharCode(each.charCodeAt(0) - 0xfee0))
  return rules?.case === false ? value.toUpperCase() : value
}

export function verify(ask) {
  const entry = guard.published(ask.params.catalogId)
  if (!entry.verify) throw gone('nothing-to-verify', '该目录不提供核验。', 'This entry offers no verification.')
  const access = opened(ask, 'verify')
  const body = jsonBody(ask)
  const { claims } = body
  if (Object.keys(body).join() !== 'claims' || !Array.isArray(claims) || !claims.length) throw refused([fault('claims', 'wrong-shape')])
  if (claims.length > entry.verify.maxClaims) throw refused([fault('claims', 'too-many')])
  const faults = claims.flatMap((claim, number) => claimFaults(access, claim).map(([name, code]) => fault(`claims/${number}/${name}`, code)))
  if (faults.length) throw refused(faults)
  for (const claim of claims) guard.probed(access, entry.verify.keys.map((name) => folded(claim[name], entry.verify.compare[name])).join('\u0000'))
  source.answer()
  ask.facts = { claims: claims.length }
  return { body: { results: claims.map((claim) => ({ outcome: outcome(access, claim) })) } }
}

function claimFaults({ entry, fields }, claim) {
  if (claim === null || typeof claim !== 'object' || Array.isArray(claim)) return [['', 'wrong-shape']]
  const { keys, fields: plain, predicates } = entry.verify
  const faults = keys.filter((name) => typeof claim[name] !== 'string' || !claim[name]).map((name) => [name, 'key-lacking'])
  for (const [name, value] of Object.entries(claim)) {
    const [field, suffix] = name.split('.')
    const declared = suffix === undefined ? [...keys, ...plain].includes(field) : predicates.some((each) => each.field === field && each.operators.includes(suffix))
    const item = entry.items.find((each) => each.field === field)
    if (!declared || !fields.includes(field)) faults.push([name, 'cannot-be-claimed'])
    else if (!condition(item, suffix ?? '', value)) faults.push([name, 'no-value'])
  }
  return faults
}

function outcome({ entry, rows }, claim) {
  const { keys, compare } = entry.verify
  const same = (name, stored) => folded(stored, compare[name]) === folded(claim[name], compare[name])
  const found = rows().filter((row) => keys.every((name) => same(name, row.values[name] ?? '')))
  const rest = Object.entries(claim).filter(([name]) => !keys.includes(name))
  const tests = rest.map(([name, value]) => condition(entry.items.find((item) => item.field === name.split('.')[0]), name.split('.')[1] ?? '', value))
  if (found.length > 1 || found.some((row) => row.fault)) return 'indeterminate'
  return found.length && tests.every((test) => test(found[0].values)) ? 'match' : 'noMatch'
}
