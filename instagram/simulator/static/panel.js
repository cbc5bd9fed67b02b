// Beside the phone: clock, faults, tokens and webhooks.

import { at, attempt, call, element, place } from './calls.js'

const HINTS = ['announce', 'only']
const WORDS = {
  lost_answer: 'Arrives, answer lost', broken_answer: 'Arrives, connection breaks', error_sent: 'Arrives, HTTP 500', odd_answer: 'Arrives, 1/1357046',
  lost_request: 'Gets lost', error_unsent: 'HTTP 503', throttled: 'Too many calls', error: 'Error', slow: 'Slow', usage: 'Usage header',
  edit_hint: 'Empty edit',
}

let offset = 0 // milliseconds between the simulator's clock and ours

export const now = () => new Date(Date.now() + offset)

export async function readClock() {
  const told = await call('/clock')
  offset = new Date(told.now) - Date.now()
  showClock()
}

export function showClock() {
  at('clock').dateTime = now().toISOString()
  at('clock').textContent = now().toLocaleString([], { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}

export async function readFaults() {
  const faults = await call('/faults')
  at('faults-count').textContent = faults.length || ''
  at('fault-list').replaceChildren(...faults.map((fault) => element('li', { dataset: { testid: 'fault', kind: fault.kind } },
    element('span', {}, name(fault), element('small', { textContent: about(fault) })),
    element('button', { type: 'button', textContent: 'Remove', 'aria-label': `Remove: ${name(fault)}`, dataset: { testid: 'fault-remove' },
      onclick: () => attempt(async () => { await call(`/faults/${fault.number}`, { method: 'DELETE' }); await readFaults() }) }))))
}

function name(fault) {
  if (fault.kind !== 'error') return WORDS[fault.kind]
  return fault.code === null ? `Error, HTTP ${fault.status}` : `Error ${fault.code}${fault.subcode === null ? '' : `/${fault.subcode}`}`
}

function about(fault) {
  const often = fault.times === null ? 'until removed' : `${fault.times}×`
  const chance = fault.chance < 1 ? ` · chance ${fault.chance}` : ''
  const whom = fault.customer ? 'one customer' : fault.account ? 'one account' : 'everybody'
  return `${fault.at} · ${often} · ${whom}${chance}`
}

export async function readTokens() {
  const { account } = place()
  const tokens = account ? await call(`/tokens?account=${account}`) : []
  const rows = tokens.slice(-8).reverse().map((token) => element('li', { dataset: { testid: 'token', alive: token.alive, kind: token.kind } },
    element('span', { title: token.token }, `${token.token.slice(0, 4)}…${token.token.slice(-5)}`, element('small', { textContent: state(token) })),
    ...(token.alive
      ? [change(token, 'Kill', { revoked: 460 }), change(token, 'Expire', { expires_in: 0 })]
      : [change(token, 'Revive', { revoked: null, expires_in: null })])))
  at('token-list').replaceChildren(...(rows.length ? rows : [element('li', {}, element('span', { className: 'note', textContent: 'None yet: nobody authorised an app.' }))]))
}

function state(token) {
  if (!token.alive) return `dead: ${token.trouble}`
  if (!token.expires) return 'alive for ever'
  return `until ${new Date(token.expires).toLocaleDateString([], { day: 'numeric', month: 'short', year: 'numeric' })}`
}

function change(token, words, json) {
  return element('button', { type: 'button', textContent: words, dataset: { testid: `token-${words.toLowerCase()}` },
    onclick: () => attempt(async () => { await call(`/tokens/${encodeURIComponent(token.token)}`, { method: 'PATCH', json }); await readTokens() }) })
}

export async function readCounts() {
  const counts = await call('/counts')
  at('counts').textContent = `${counts.webhooks} told or to be told, ${counts.pending} of them still to be told. ${counts.sends} sends, ${counts.delivered} delivered.`
}

at('new-fault').onsubmit = (event) => {
  event.preventDefault()
  const kind = at('fault-kind').value
  const hint = HINTS.includes(kind)
  const fault = { at: hint ? 'webhook' : 'send', kind: hint ? 'edit_hint' : kind, times: at('fault-times').value ? Number(at('fault-times').value) : null }
  const { account, customer } = place()
  const whom = at('fault-whom').value
  if (whom !== 'all') fault.account = account
  if (whom === 'customer') fault.customer = customer
  if (hint) fault.mode = kind
  if (kind === 'slow') fault.seconds = 5
  if (kind === 'error') {
    for (const number of ['code', 'subcode']) if (at(`fault-${number}`).value) fault[number] = Number(at(`fault-${number}`).value)
  }
  attempt(async () => { await call('/faults', { method: 'POST', json: fault }); await readFaults() })
}
at('fault-kind').onchange = ({ target }) => { at('fault-numbers').hidden = target.value !== 'error' }
for (const button of document.querySelectorAll('[data-advance]')) {
  const by = button.dataset.advance
  button.onclick = () => attempt(async () => {
    await call('/clock', { method: 'POST', json: by === 'now' ? { at: new Date().toISOString() } : { advance: Number(by) } })
    await readTokens()
  })
}
at('hold').onchange = ({ target }) => attempt(() => call('/hold', { method: 'PUT', json: { held: target.checked } }))

export async function readPanel() {
  const { held } = await call('/hold')
  at('hold').checked = held
  await Promise.all([readFaults(), readTokens(), readCounts()])
}
