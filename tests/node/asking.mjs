// Reads what was asked, and says what is wrong with it.
import { Problem } from './problem.mjs'

export const PATH = '/register/gds/v1'
const MOST_BODY = 200_000

export const refused = (errors, code = 'question-refused') => new Problem(400, code, { zh: '请求参数有误。', en: 'Something is asked wrongly.' }, { errors })
export const fault = (pointer, code) => ({ code, pointer: `/${pointer}` })
export const gone = (code, zh, en) => new Problem(404, code, { zh, en })

export function parameters(ask, allowed, open = false) {
  const found = new Map()
  const faults = []
  for (const pair of ask.query ? ask.query.split('&') : []) {
    const [name, value = ''] = decoded(pair.replaceAll('+', ' '))
    if (found.has(name)) faults.push(fault(name, 'given-twice'))
    else if (!allowed.includes(name) && !open) faults.push(fault(name, 'not-known'))
    found.set(name, value)
  }
  return { found, faults }
}

export function decoded(pair) {
  const place = pair.indexOf('=')
  try {
    return (place < 0 ? [pair] : [pair.slice(0, place), pair.slice(place + 1)]).map(decodeURIComponent)
  } catch {
    throw refused([fault('', 'not-utf-8')])
  }
}

export function jsonBody(ask) {
  if (ask.body.length > MOST_BODY) throw new Problem(413, 'too-long', { zh: '请求体过大。', en: 'The body is too long.' })
  if (!/^application\/json\s*(;|$)/i.test(ask.headers['content-type'] ?? '')) throw new Problem(415, 'json-expected', { zh: '请求体须为 JSON。', en: 'The body must be JSON.' })
  let value
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(ask.body))
  } catch {
    throw refused([fault('', 'no-json')])
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw refused([fault('', 'no-object')])
  return value
}

export const whole = (value) => /^[1-9]\d{0,8}$/.test(String(value))
