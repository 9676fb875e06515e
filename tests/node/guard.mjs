// Who calls, under which grant, how often; and the log of it.
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto'
import { Problem } from './problem.mjs'
import { condition, covered, entries, provider, shared } from './register.mjs'

export const AUDIENCE = 'https://register.example.gov.cn/共享'
export const SKEW = 30
export const LONGEST = 480
export const QUOTA = { requests: 240, per: 60 }
const ALGORITHMS = { ES256: ['EC', 'sha256', 'ieee-p1363'], EdDSA: ['OKP', null, 'der'] }
const ROLES = ['consumer', 'exchange', 'provider', 'operator']
const BOUND = ['consumerId', 'catalogId', 'grantId', 'purposeId']
const METHODS = ['serviceInterface', 'batchExchange', 'fileDownload', 'verify']

// -- tokens ------------------------------------------------------------------------------------------

const unproven = (code, zh, en) => new Problem(401, code, { zh, en }, { headers: { 'WWW-Authenticate': `Bearer realm="register", error="invalid_token", error_description="${code}"` } })
const part = (text) => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))

export function caller(header, issuers) {
  if (!header) throw new Problem(401, 'who-calls', { zh: '请提供令牌。', en: 'Show a token.' }, { headers: { 'WWW-Authenticate': 'Bearer realm="register"' } })
  const [, head, body, signature] = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(header) ?? []
  let claims, stated
  try {
    stated = part(head)
    claims = part(body)
  } catch {
    throw unproven('token-unreadable', '令牌无法解析。', 'The token cannot be read.')
  }
  signed(stated, claims, `${head}.${body}`, signature, issuers)
  timely(claims)
  if (claims.aud !== AUDIENCE) throw unproven('audience-differs', `令牌受众应为 ${AUDIENCE}。`, `The audience must be ${AUDIENCE}.`)
  if (!claims.jti || !claims.sub || !ROLES.includes(claims.role ?? 'consumer')) throw unproven('claims-lacking', '令牌声明不全。', 'The token lacks claims.')
  if (claims.providerId !== provider.code) throw new Problem(403, 'wrong-provider', { zh: '令牌属于其他提供部门。', en: 'The token is for another provider.' })
  return { ...claims, role: claims.role ?? 'consumer' }
}

function signed(stated, claims, text, signature, issuers) {
  const [type, digest, encoding] = ALGORITHMS[stated.alg] ?? []
  const jwk = issuers[claims.iss]?.keys.find((key) => key.kty === type && (!stated.kid || key.kid === stated.kid))
  const holds = jwk && verify(digest, Buffer.from(text), { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: encoding }, Buffer.from(signature, 'base64url'))
  if (!holds) throw unproven('bad-signature', '令牌签名无效。', 'The signature proves nothing.')
}

function timely({ iat, exp, nbf = 0 }) {
  const now = Date.now() / 1000
  if (!Number.isFinite(iat) || !Number.isFinite(exp) || exp - iat > LONGEST) throw unproven('lives-too-long', '令牌有效期不合规。', 'The token lives too long.')
  if (exp <= now - SKEW) throw unproven('out-of-date', '令牌已过期。', 'The token is out of date.')
  if (Math.max(iat, nbf) > now + SKEW) throw unproven('too-early', '令牌尚未生效。', 'The token is not valid yet.')
}

export function only(who, ...roles) {
  if (!roles.includes(who.role)) throw new Problem(403, 'not-your-role', { zh: '该角色不得执行此操作。', en: 'This role may not do that.' })
}

// -- grants ------------------------------------------------------------------------------------------

export const grants = new Map()
const spent = new Set()
const refusal = (code, zh, en) => new Problem(403, code, { zh, en })

export function published(id) {
  const entry = entries.get(id)
  if (entry?.status !== 'published') throw new Problem(404, 'no-such-entry', { zh: '没有该目录条目。', en: 'There is no such entry.' })
  if (entry.sharingType === 'notShared') throw refusal('not-shared', '该目录不予共享。', 'This entry is not shared.')
  return entry
}

// What a consumer may do with an entry by this method; every binding of token and grant is checked.
export function access(who, id, method) {
  const entry = published(id)
  only(who, 'consumer')
  if (who.catalogId !== id) throw refusal('wrong-entry', '令牌属于其他目录条目。', 'The token is for another entry.')
  if (['important', 'core'].includes(entry.classification.level)) {
    if (spent.has(who.jti)) throw unproven('token-replayed', '令牌只能使用一次。', 'The token was used before.')
    spent.add(who.jti)
  }
  const grant = grants.get(who.grantId)
  if (!grant) throw refusal('no-grant', '没有该授权。', 'There is no such grant.')
  if (grant.consumerId !== who.consumerId || grant.catalogId !== id) throw refusal('foreign-grant', '授权属于他人。', 'The grant is somebody else’s.')
  if (!who.purposeId || grant.purposeId !== who.purposeId) throw refusal('other-purpose', '使用目的与授权不符。', 'The grant is for another purpose.')
  alive(grant)
  if (method && !grant.method.some((each) => each === method || (method === 'verify' && each === 'serviceInterface'))) throw refusal('method-not-granted', '授权不含该共享方式。', 'The grant lacks this method.')
  limited(grant.grantId)
  const fields = shared(entry).map((item) => item.field).filter((name) => !grant.scope?.items || grant.scope.items.includes(name))
  const masked = new Set(shared(entry).filter((item) => item.masked && !(item.unmaskedFor ?? []).includes(grant.purposeId)).map((item) => item.field))
  return { who, entry, grant, fields, masked, rows: () => covered(entry, grant) }
}

function alive(grant) {
  if (grant.status === 'suspended') throw refusal('grant-paused', '授权已暂停。', 'The grant is suspended.')
  if (grant.status === 'terminated') throw refusal('grant-ended', '授权已终止。', 'The grant was ended.')
  if (Date.now() < Date.parse(grant.validFrom)) throw refusal('grant-to-come', '授权尚未生效。', 'The grant has not begun.')
  if (grant.status === 'expired' || Date.now() > Date.parse(grant.validUntil)) throw refusal('grant-over', '授权已到期。', 'The grant is over.')
}

export function putGrant(id, body) {
  const wrong = []
  const need = (name, holds) => holds || wrong.push({ pointer: `/${name}`, code: 'not-usable' })
  for (const name of ['consumerId', 'providerId', 'catalogId', 'purposeId', 'basis', 'scenario']) need(name, typeof body[name] === 'string' && body[name])
  for (const name of ['validFrom', 'validUntil']) need(name, !Number.isNaN(Date.parse(body[name])))
  need('method', Array.isArray(body.method) && body.method.length && body.method.every((each) => METHODS.includes(each)))
  need('grantId', body.grantId === undefined || body.grantId === id)
  need('status', ['active', 'suspended', 'terminated', 'expired', undefined].includes(body.status))
  const items = new Map(shared(entries.get(body.catalogId) ?? { items: [] }).map((item) => [item.field, item]))
  need('scope/items', (body.scope?.items ?? []).every((name) => items.has(name)))
  const filter = Object.entries(body.scope?.filter ?? {}).map(([name, value]) => [...name.split('.'), ''].slice(0, 2).concat([value]))
  need('scope/filter', filter.every(([field, suffix, value]) => items.has(field) && condition(items.get(field), suffix, value)))
  if (wrong.length) throw new Problem(400, 'grant-unusable', { zh: '授权内容有误。', en: 'The grant cannot be used.' }, { errors: wrong })
  const made = !grants.has(id)
  grants.set(id, { scope: {}, status: 'active', ...body, grantId: id })
  return made
}

// -- how often ---------------------------------------------------------------------------------------

const windows = new Map()

// Counts one more in a window that starts with its first; [left, seconds to its end].
function counted(key, { count, per }, more = 1) {
  const now = Date.now()
  let window = windows.get(key)
  if (!window || window.ends <= now) windows.set(key, (window = { used: 0, ends: now + per * 1000 }))
  window.used += more
  return [count - window.used, Math.ceil((window.ends - now) / 1000)]
}

const quotas = new Map()
export const quotaHeaders = (grantId) => {
  const [left, seconds] = quotas.get(grantId) ?? []
  return seconds === undefined ? {} : { 'RateLimit-Policy': `"grant";q=${QUOTA.requests};w=${QUOTA.per}`, RateLimit: `"grant";r=${Math.max(0, left)};t=${seconds}` }
}

function limited(grantId) {
  const [left, seconds] = counted(`grant ${grantId}`, { count: QUOTA.requests, per: QUOTA.per })
  quotas.set(grantId, [left, seconds])
  if (left < 0) throw new Problem(429, 'slow-down', { zh: '请求过于频繁。', en: 'Too many requests.' }, { headers: { 'Retry-After': String(seconds) } })
}

// A subject that one consumer asks about too often is not told about any more.
export function probed({ who, entry }, subject) {
  const key = `subject ${who.consumerId} ${entry.catalogId} ${createHash('sha256').update(subject).digest('hex')}`
  const [left, seconds] = counted(key, entry.verify.attempts)
  if (left < 0) throw new Problem(429, 'asked-too-often', { zh: '对同一主体的核验过于频繁。', en: 'This was asked too often.' }, { headers: { 'Retry-After': new Date(Date.now() + seconds * 1000).toUTCString() } })
}

// -- the log -----------------------------------------------------------------------------------------

export const audit = { blocked: false, records: [], heads: new Map() }
const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const canonical = (value) => (value && typeof value === 'object' ? `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}` : JSON.stringify(value))

export function recordable() {
  if (audit.blocked) throw new Problem(503, 'audit-unavailable', { zh: '审计存储不可用。', en: 'The log cannot be written.' }, { headers: { 'Retry-After': '3' } })
}

// Two chains, for reading and for asking, lie in one log.
export function logged(facts) {
  const replica = facts.method === 'GET' ? 'chain-r' : 'chain-w'
  const [seq, prevDigest] = audit.heads.get(replica) ?? [0, '0'.repeat(64)]
  const record = { replica, seq: seq + 1, prevDigest, time: new Date().toISOString(), zone: '政务外网', ...facts }
  for (const name of Object.keys(record)) if (record[name] === undefined) delete record[name]
  record.digest = sha256(canonical(record))
  audit.heads.set(replica, [record.seq, record.digest])
  audit.records.push(record)
}

export const bodyFacts = (body) => (body.length ? { requestBytes: body.length, requestDigest: `sha-256:${sha256(body)}` } : {})
export const callerFacts = (who) => (who ? Object.fromEntries([...BOUND, 'providerId', 'operatorId', 'role'].map((name) => [name, who[name]])) : {})
export const uuid = () => randomUUID()
