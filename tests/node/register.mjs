// The register in memory: legacy texts become wire values once, then rows are chosen, ordered and cut.
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Problem } from './problem.mjs'

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/
const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const KINDS = { C: 'string', I: 'integer', N: 'decimal', Y: 'decimal', B: 'number', L: 'boolean', D: 'date', T: 'dateTime', M: 'string', G: 'binary' }
const SAFE = BigInt(Number.MAX_SAFE_INTEGER)

const realDay = (text) => {
  const [, year, month, day] = DAY.exec(text) ?? []
  const made = year && new Date(`${text}T00:00:00Z`)
  return Boolean(made) && !Number.isNaN(made.getTime()) && made.getUTCMonth() + 1 === +month && made.getUTCDate() === +day
}

// Legacy text to wire value; undefined where it is none of its type.
const LEGACY = {
  integer: (text) => (/^-?\d+$/.test(text) ? wide(BigInt(text)) : undefined),
  decimal: (text) => (/^-?\d+(\.\d+)?$/.test(text) ? text : undefined),
  number: (text) => (Number.isFinite(Number(text)) ? Number(text) : undefined),
  boolean: (text) => ({ Y: true, N: false })[text],
  date: (text) => {
    const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
    return realDay(day) ? day : undefined
  },
  dateTime: (text) => {
    const day = LEGACY.date(text.slice(0, 8))
    return day && `${day}T${clock(text.slice(9))}+08:00`
  },
  time: (text) => clock(text),
  string: (text) => text,
  binary: (text) => text,
}
const clock = (text) => `${text.slice(0, 2)}:${text.slice(2, 4)}:${text.slice(4)}`
const wide = (value) => (value > SAFE || value < -SAFE ? String(value) : Number(value))

// Wire value to something that < and > order; undefined where it is no value of the type.
const ORDERED = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  binary: (value) => (typeof value === 'string' ? value : undefined),
  integer: (value) => (/^-?\d{1,40}$/.test(String(value)) ? BigInt(value) : undefined),
  decimal: (value) => {
    const [, sign, whole, part = ''] = /^(-?)(\d{1,40})(?:\.(\d{1,10}))?$/.exec(String(value)) ?? []
    return whole === undefined ? undefined : BigInt(`${sign}${whole}${part.padEnd(10, '0')}`)
  },
  number: (value) => (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(String(value)) ? Number(value) : undefined),
  boolean: (value) => ({ true: true, false: false })[String(value)],
  date: (value) => (realDay(String(value)) ? String(value) : undefined),
  dateTime: (value) => {
    const [, day, hour, minute, second] = MOMENT.exec(String(value)) ?? []
    return day && realDay(day) && hour < 24 && minute < 60 && second < 60 ? Date.parse(value) : undefined
  },
  time: (value) => (/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(String(value)) ? String(value) : undefined),
}

export const kindOf = (item) => item.wireType ?? KINDS[item.dataType]
export const ordered = (item, value) => (value === null ? undefined : ORDERED[kindOf(item)](value))
export const between = (one, other) => (one < other ? -1 : one > other ? 1 : 0)
const HOLDS = { '': (sign) => sign === 0, gte: (sign) => sign >= 0, gt: (sign) => sign > 0, lte: (sign) => sign <= 0, lt: (sign) => sign < 0 }

const document = JSON.parse(readFileSync(new URL('./register.json', import.meta.url), 'utf8'))
export const provider = document.provider
export const entries = new Map(
  Object.entries(document.entries).map(([id, entry]) => [id, { status: 'published', ...entry, catalogId: id, kind: 'dataset', provider }]),
)
export const shared = (entry) => entry.items.filter((item) => item.sharingType !== 'notShared')

const IDENTITIES = {
  'residents.v2': (row, number) => `p-${createHmac('sha256', 'register').update(`${row[13]} ${number}`).digest('hex').slice(0, 20)}`,
  小额贷款: (row) => `贷/${row[0]}`,
}
const tables = new Map(Object.entries(document.rows).map(([id, rows]) => [id, rows.map((row, number) => converted(entries.get(id), row, number))]))

function converted(entry, row, number) {
  const values = {}
  let fault
  for (const [place, item] of entry.items.entries()) {
    if (item.sharingType === 'notShared') continue
    const value = row[place] === null ? null : LEGACY[kindOf(item)](row[place])
    if (value === undefined) fault ??= { rowRef: `line ${number + 1}`, field: item.field, code: 'unreadable-value' }
    values[item.field] = value ?? null
  }
  if (fault) return { values, fault }
  const identity = IDENTITIES[entry.catalogId] ?? (() => String(number + 1))
  return { id: identity(row, number), values }
}

export const table = (id) => tables.get(id)

// One condition of a filter: `field` or `field.gte`, and its value. Undefined where the value is none.
export function condition(item, suffix, value) {
  const wanted = suffix === 'in' ? Array.isArray(value) && value.map((each) => ordered(item, each)) : ordered(item, value)
  if (wanted === undefined || wanted === false && suffix === 'in' || (suffix === 'in' && wanted.includes(undefined))) return undefined
  return (values) => {
    const own = values[item.field] === undefined ? undefined : ordered(item, values[item.field])
    if (own === undefined) return false
    return suffix === 'in' ? wanted.some((each) => between(own, each) === 0) : HOLDS[suffix](between(own, wanted))
  }
}

// Rows that a grant covers: those of its region, and those that its filter lets through.
export function covered(entry, grant) {
  const { region, filter } = grant.scope ?? {}
  const tests = Object.entries(filter ?? {}).map(([name, value]) => {
    const [field, suffix = ''] = name.split('.')
    return condition(entry.items.find((item) => item.field === field), suffix, value)
  })
  if (region) tests.push((values) => String(values[entry.query.region] ?? '').startsWith(region))
  return table(entry.catalogId).filter((row) => tests.every((test) => test?.(row.values)))
}

// Nulls stand last either way, and equal values keep the order of the register.
export function sorted(entry, rows, order) {
  const keys = order.map((name) => {
    const field = name.replace(/^-/, '')
    return { item: entry.items.find((item) => item.field === field), sign: name.startsWith('-') ? -1 : 1 }
  })
  const compare = (one, other) => {
    for (const { item, sign } of keys) {
      const [a, b] = [one, other].map((row) => row.values[item.field] ?? null)
      if (a === null || b === null) {
        if (a !== b) return a === null ? 1 : -1
        continue
      }
      const way = between(ordered(item, a), ordered(item, b)) * sign
      if (way) return way
    }
    return 0
  }
  return keys.length ? [...rows].sort(compare) : rows
}

export const mask = (value) => (value === null || value === '' ? value : `${[...value][0]}•••`)

// A record as this grant sees it. The identity goes last, and only where nothing else was asked for by name.
export function seen(row, access, fields) {
  const names = fields ?? [...access.fields, 'recordId']
  const show = (name) => (name === 'recordId' ? row.id : access.masked.has(name) ? mask(row.values[name]) : row.values[name])
  return Object.fromEntries(names.map((name) => [name, show(name)]))
}

// What the hook does to the source.
export const source = {
  stopped: false,
  changes: 0,
  answer() {
    if (this.stopped) {
      const later = new Date(Date.now() + 5000).toUTCString()
      throw new Problem(503, 'register-closed', { zh: '业务系统暂不可用。', en: 'The register does not answer.' }, { origin: 'source', headers: { 'Retry-After': later } })
    }
  },
  touch(entry, id) {
    const row = id ? table(entry).find((each) => each.id === id) : table(entry).findLast((each) => !each.fault)
    this.changes += 1
    row.values.remark = `更正第${this.changes}次`
    return { done: true, recordId: row.id, item: 'remark', value: row.values.remark }
  },
}
