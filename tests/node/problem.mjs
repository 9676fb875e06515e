// What goes wrong, as the standard writes it (RFC 9457).
export class Problem extends Error {
  constructor(status, code, told, { origin = 'adapter', errors, headers = {}, more = {} } = {}) {
    super(code)
    Object.assign(this, { status, code, told, origin, errors, headers, more })
  }

  document(language, request) {
    const text = (value) => (typeof value === 'string' ? value : value[language])
    return {
      requestId: request,
      origin: this.origin,
      code: this.code,
      ...(this.errors ? { errors: this.errors } : {}),
      ...this.more,
      detail: text(this.told),
      title: TITLES[language][Math.floor(this.status / 100)],
      status: this.status,
      instance: `urn:uuid:${request}`,
      type: `urn:gds:problem:${this.code}`,
    }
  }
}

const TITLES = { en: { 4: 'Not done', 5: 'Failed' }, zh: { 4: '请求未被受理', 5: '处理失败' } }
