// Calls of the control API, what goes wrong with them, and a small DOM builder.

export const at = (id) => document.getElementById(id)

export async function call(path, { method = 'GET', json, body, headers } = {}) {
  if (json !== undefined) {
    body = JSON.stringify(json)
    headers = { 'Content-Type': 'application/json' }
  }
  const response = await fetch(`/control${path}`, { method, body, headers })
  if (response.ok) return response.status === 204 ? null : response.json()
  const told = await response.json().catch(() => ({}))
  const reason = Array.isArray(told.detail) ? told.detail.map((d) => `${d.loc.slice(1).join('.')}: ${d.msg}`).join('; ') : told.detail
  throw new Error(reason || `HTTP ${response.status}`)
}

export async function attempt(action) {
  at('problem').hidden = true
  try {
    return await action()
  } catch (error) {
    at('problem').textContent = error instanceof TypeError ? 'The simulator does not answer.' : error.message
    at('problem').hidden = false
  }
}

// Nothing is ever put in as HTML.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'dataset') Object.assign(made.dataset, value)
    else if (name.startsWith('aria-')) made.setAttribute(name, value)
    else made[name] = value
  }
  made.append(...children.filter((child) => child !== null && child !== undefined))
  return made
}

// The app under test may know the simulator by another address than the browser does.
export function local(url) {
  const { url: own } = document.body.dataset
  return own && url?.startsWith(own) ? new URL(url.slice(own.length) || '/', location.origin).href : url
}

export const place = () => ({ account: at('account').value, customer: at('customer').value })
export const thread = ({ account, customer } = place()) => `/accounts/${account}/customers/${customer}`
