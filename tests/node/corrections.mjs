// The channel of Art. 26: cases, their steps, and when they are due.
import { Problem } from './problem.mjs'
import { entries } from './register.mjs'
import { uuid } from './guard.mjs'

const NEXT = { submitted: ['accepted'], accepted: ['investigating'], investigating: ['resolved', 'rejected'], resolved: ['closed'], rejected: ['closed'], closed: [] }
const CHOICES = { kind: ['quality', 'catalog', 'service'], problem: ['inaccurate', 'incomplete', 'outdated', 'duplicate'] }
const MEMBERS = ['catalogId', 'kind', 'recordId', 'locator', 'field', 'problem', 'description', 'evidenceDigest']
const DAY = 86_400_000
const EAST = 8 * 3_600_000
const cases = new Map()

// The end of the tenth working day after this instant, in Shanghai. A year that was not published is an error.
function due(received, calendar) {
  let day = Math.floor((received + EAST) / DAY) * DAY
  for (let left = 10; left; ) {
    day += DAY
    const date = new Date(day)
    const name = date.toISOString().slice(0, 10)
    if (!calendar.years.includes(date.getUTCFullYear())) throw new Problem(503, 'calendar-unknown', '工作日历未覆盖该年份。')
    const weekend = [0, 6].includes(date.getUTCDay())
    if (calendar.workdays.includes(name) || (!weekend && !calendar.holidays.includes(name))) left -= 1
  }
  return `${new Date(day).toISOString().slice(0, 10)}T23:59:59+08:00`
}

const wrong = (names) => new Problem(400, 'filing-incomplete', { zh: '请补正全部所列内容。', en: 'Put right all that is listed.' }, { errors: names.map(([name, code]) => ({ code, pointer: `/${name}` })) })

export function file(body, access, calendar) {
  const faults = Object.keys(body).filter((name) => !MEMBERS.includes(name)).map((name) => [name, 'not-known'])
  for (const name of ['catalogId', 'kind', 'description', ...(body.kind === 'quality' ? ['problem'] : [])]) if (typeof body[name] !== 'string' || !body[name]) faults.push([name, 'missing'])
  for (const [name, allowed] of Object.entries(CHOICES)) if (body[name] !== undefined && !allowed.includes(body[name])) faults.push([name, 'not-a-choice'])
  if (body.evidenceDigest !== undefined && !/^(sha-256|sm3):[0-9a-f]{64}$/.test(body.evidenceDigest)) faults.push(['evidenceDigest', 'not-a-digest'])
  if (faults.length) throw wrong(faults)
  const { grant } = access(body.catalogId)
  if (body.field !== undefined && !entries.get(body.catalogId).items.some((item) => item.field === body.field)) throw wrong([['field', 'not-an-item']])
  const { locator, ...kept } = body
  const received = new Date()
  const made = { ...kept, correctionId: uuid(), status: 'submitted', receivedAt: received.toISOString(), dueAt: due(received.getTime(), calendar) }
  cases.set(made.correctionId, { consumerId: grant.consumerId, made, steps: [{ office: '数据共享专班', time: made.receivedAt, status: 'submitted' }] })
  return show(made.correctionId)
}

function show(id) {
  const { made, steps } = cases.get(id)
  const open = !['resolved', 'rejected', 'closed'].includes(made.status)
  return { steps, overdue: open && Date.now() > Date.parse(made.dueAt), ...made }
}

export function read(id, who) {
  const known = cases.get(id)
  if (!known || (who.role !== 'provider' && !(who.role === 'consumer' && known.consumerId === who.consumerId))) throw new Problem(404, 'no-such-case', { zh: '没有该案件。', en: 'There is no such case.' })
  return show(id)
}

const NEEDS = { resolved: ['result', 'explanation'], rejected: ['reason'] }

export function move(id, body, who) {
  const { status } = read(id, who)
  if (!NEXT[status].includes(body.status)) throw new Problem(409, 'step-not-possible', { zh: '不允许的流转。', en: 'That step is not possible.' })
  const lacking = (NEEDS[body.status] ?? []).filter((name) => typeof body[name] !== 'string' || !body[name])
  if (body.result !== undefined && !['corrected', 'notAnError', 'partly'].includes(body.result)) lacking.push('result')
  if (['corrected', 'partly'].includes(body.result) && !body.changeId && !body.dataVersion) lacking.push('dataVersion')
  if (lacking.length) throw wrong(lacking.map((name) => [name, 'missing']))
  const known = cases.get(id)
  for (const name of ['result', 'explanation', 'reason', 'changeId', 'dataVersion']) if (body[name] !== undefined) known.made[name] = body[name]
  known.made.status = body.status
  known.steps.push({ office: body.office ?? '数据共享专班', time: new Date().toISOString(), status: body.status })
  return show(id)
}

export const counts = (catalogId) => {
  const own = [...cases.keys()].map(show).filter((each) => each.catalogId === catalogId && !['resolved', 'rejected', 'closed'].includes(each.status))
  return { open: own.length, overdue: own.filter((each) => each.overdue).length }
}
