// The phone: shows one thread, sends what the customer does, and follows what changes.

const at = (id) => document.getElementById(id)
const GAP = 15 * 60_000 // A time is shown after so long a silence.
const PEOPLE = [['jana.novak', 'Jana Nováková'], ['tom_b', 'Tom Becker'], ['mia.w', 'Mia Weiss'], ['petr77', 'Petr'], ['lena.art', '']]

let customers = []
let shown = new Map() // message id -> {element, written}
let offset = 0 // milliseconds between the simulator's clock and ours
let reading = null
let atEnd = true // whether the newest message is in view

const place = () => ({ account: at('account').value, customer: at('customer').value })
const address = ({ account, customer } = place()) => `/control/accounts/${account}/customers/${customer}`

async function call(path, { method = 'GET', json, body, headers } = {}) {
  if (json !== undefined) {
    body = JSON.stringify(json)
    headers = { 'Content-Type': 'application/json' }
  }
  const response = await fetch(path, { method, body, headers })
  if (response.ok) return response.status === 204 ? null : response.json()
  const told = await response.json().catch(() => ({}))
  const reason = Array.isArray(told.detail) ? told.detail.map((d) => `${d.loc.slice(1).join('.')}: ${d.msg}`).join('; ') : told.detail
  throw new Error(reason || `HTTP ${response.status}`)
}

async function attempt(action) {
  at('problem').hidden = true
  try {
    return await action()
  } catch (error) {
    at('problem').textContent = error instanceof TypeError ? 'The simulator does not answer.' : error.message
    at('problem').hidden = false
  }
}

// Small DOM builder: nothing is ever put in as HTML.
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'dataset') Object.assign(made.dataset, value)
    else made[name] = value
  }
  made.append(...children.filter((child) => child !== null && child !== undefined))
  return made
}

// Who talks to whom

async function loadCustomers(wanted) {
  const { account, customer } = place()
  customers = await call(`/control/accounts/${account}/customers`)
  const options = customers.map((c) => element('option', { value: c.id, textContent: c.name ? `${c.name} (@${c.username})` : `@${c.username}` }))
  if (!options.length) options.push(element('option', { value: '', textContent: 'nobody yet' }))
  at('customer').replaceChildren(...options)
  const keep = [wanted, customer].find((id) => customers.some((c) => c.id === id))
  if (keep) at('customer').value = keep
  if (!customers.length) at('newcomer').open = true
  suggest()
  await open()
}

function suggest() {
  const free = PEOPLE.find(([username]) => !customers.some((c) => c.username === username))
  at('username').value = free ? free[0] : `customer${customers.length + 1}`
  at('name').value = free ? free[1] : ''
}

async function open() {
  const { account, customer } = place()
  const chosen = at('account').selectedOptions[0]
  at('title').textContent = chosen?.dataset.name || ''
  at('subtitle').textContent = chosen ? `@${chosen.dataset.username}` : ''
  if (chosen) at('avatar').src = `/avatars/${encodeURIComponent(chosen.dataset.username)}.svg`
  history.replaceState(null, '', `?${new URLSearchParams({ account, customer })}`)
  shown = new Map()
  at('thread').replaceChildren()
  at('problem').hidden = true
  for (const control of [at('text'), at('attach'), ...document.querySelectorAll('#composer button, #app-reply button')]) control.disabled = !customer
  at('empty').textContent = customer ? `Say something to @${chosen.dataset.username}.` : 'Invent a customer to begin.'
  await refresh()
}

// The thread

async function refresh() {
  // Changes that arrive while we read are read once more, not once each.
  if (reading) { reading.again = true; return }
  reading = { again: false }
  try {
    do {
      reading.again = false
      const from = place()
      if (!from.customer) { draw({ messages: [], quick_replies: [], typing: false }); continue }
      const thread = await call(`${address(from)}/thread`)
      if (from.account !== place().account || from.customer !== place().customer) { reading.again = true; continue }
      draw(thread)
      await tellSeen(thread, from)
    } while (reading.again)
  } catch (error) {
    await attempt(() => { throw error })
  } finally {
    reading = null
  }
}

function draw(thread) {
  let before = null
  let fresh = false
  for (const message of thread.messages) {
    const written = JSON.stringify(message)
    const known = shown.get(message.mid)
    if (known?.written !== written) {
      const made = bubble(message, before, thread.messages)
      if (known) known.element.replaceWith(made)
      else at('thread').append(made)
      shown.set(message.mid, { element: made, written })
      fresh ||= !known
    }
    before = message
  }
  at('empty').hidden = thread.messages.length > 0
  const own = thread.messages.filter((m) => m.from === 'customer').at(-1)
  at('seen').hidden = !(own && own === before && thread.seen_at && thread.seen_at >= own.at)
  at('typing').hidden = !thread.typing
  at('quick-replies').hidden = !thread.quick_replies.length
  at('quick-replies').replaceChildren(...thread.quick_replies.map((reply) => element('button', {
    type: 'button', textContent: reply.title, dataset: { testid: 'quick-reply', payload: reply.payload },
    onclick: () => say({ quick_reply: reply.payload }),
  })))
  if (fresh) atEnd = true
  stay()
}

// Whoever reads the newest message keeps reading it when the view changes its size.
function stay() {
  if (atEnd) at('scroll').scrollTop = at('scroll').scrollHeight
}

function bubble(message, before, messages) {
  const sent = message.from === 'customer'
  const gap = !before || new Date(message.at) - new Date(before.at) > GAP
  const item = element('li', {
    className: `message${before && before.from !== message.from ? ' turn' : ''}${message.deleted ? ' gone' : ''}`,
    title: new Date(message.at).toLocaleString(),
    dataset: { testid: 'message', direction: sent ? 'sent' : 'received', from: message.from, author: message.author, mid: message.mid },
  })
  if (gap) item.append(element('time', { className: 'when', dateTime: message.at, textContent: when(message.at) }))
  const context = contextOf(message, messages)
  if (context) item.append(element('span', { className: 'context', textContent: context }))
  for (const card of message.cards ?? []) item.append(cardOf(card))
  for (const attachment of message.attachments ?? []) item.append(attached(attachment, sent))
  const text = message.deleted ? 'Message unsent' : message.unsupported && !message.text ? 'Something the API does not show' : message.text
  if (text) item.append(element('div', { className: 'bubble', textContent: text, dataset: { testid: 'message-text' } }))
  const reactions = Object.values(message.reactions ?? {})
  if (reactions.length) item.append(element('span', { className: 'reactions', textContent: reactions.join(' ') }))
  return item
}

function contextOf(message, messages) {
  const marks = []
  if (message.author === 'app') marks.push('typed in the Instagram app')
  if (message.story) marks.push('replied to a story')
  if (message.reply_to) {
    const text = messages.find((m) => m.mid === message.reply_to)?.text
    marks.push(text ? `in reply to “${text.slice(0, 60)}”` : 'in reply to a message')
  }
  if (message.edits && !message.deleted) marks.push('edited')
  return marks.join(' · ')
}

function cardOf(card) {
  const choices = card.buttons.map((button) => button.url
    ? element('a', { href: button.url, target: '_blank', rel: 'noopener noreferrer', textContent: button.title, dataset: { testid: 'link-button' } })
    : element('button', { type: 'button', textContent: button.title, dataset: { testid: 'postback-button', payload: button.payload },
      onclick: () => say({ postback: { title: button.title, payload: button.payload } }) }))
  return element('div', { className: 'card', dataset: { testid: 'card' } },
    card.image ? element('img', { src: card.image, alt: '' }) : null,
    element('p', { textContent: card.title, dataset: { testid: 'message-text' } }),
    card.subtitle ? element('p', { textContent: card.subtitle }) : null,
    element('div', { className: 'choices' }, ...choices))
}

function attached(attachment, sent) {
  if (attachment.type === 'image' && attachment.url) {
    const picture = element('img', { className: 'picture', src: attachment.url, alt: sent ? 'Picture you sent' : 'Picture you received', dataset: { testid: 'picture' } })
    picture.onload = stay
    return picture
  }
  const name = attachment.title || attachment.type
  const link = attachment.url && /^https?:/.test(attachment.url)
  return element('div', { className: 'bubble', dataset: { testid: 'attachment' } },
    link ? element('a', { href: attachment.url, target: '_blank', rel: 'noopener noreferrer', textContent: name }) : name)
}

function when(time) {
  const then = new Date(time)
  const now = new Date(Date.now() + offset)
  const clock = then.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return then.toDateString() === now.toDateString() ? clock : `${then.toLocaleDateString([], { weekday: 'short', day: 'numeric', month: 'short' })}, ${clock}`
}

// As on a real phone, opening a thread tells the business that its message was seen.
async function tellSeen(thread, from) {
  const newest = thread.messages.filter((m) => m.from === 'business').at(-1)
  const mark = `seen ${from.account} ${from.customer}`
  if (!newest || document.hidden || sessionStorage.getItem(mark) === newest.mid) return
  sessionStorage.setItem(mark, newest.mid)
  await call(`${address(from)}/seen`, { method: 'POST' })
}

// What the customer does

const say = (said) => attempt(async () => {
  await call(`${address()}/messages`, { method: 'POST', json: said })
  await refresh()
  at('text').focus()
  return true
})

at('composer').onsubmit = async (event) => {
  event.preventDefault()
  const text = at('text').value.trim()
  if (!text) return
  at('text').value = ''
  if (!await say({ text })) at('text').value = text
}
at('text').onkeydown = (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  at('composer').requestSubmit()
}
at('attach').onclick = () => at('picture').showModal()
at('picture-cancel').onclick = () => at('picture').close()
at('picture-form').onsubmit = (event) => {
  event.preventDefault()
  const file = at('file').files[0]
  const typed = at('url').value.trim()
  if (!file && !typed) { at('file').focus(); return }
  at('picture').close()
  attempt(async () => {
    const url = file ? (await call('/control/media', { method: 'POST', body: file, headers: { 'Content-Type': file.type } })).url : typed
    if (await say({ attachments: [{ type: 'image', url }] })) event.target.reset()
  })
}
at('new-customer').onsubmit = (event) => {
  event.preventDefault()
  const name = at('name').value.trim()
  attempt(async () => {
    const made = await call(`/control/accounts/${place().account}/customers`, { method: 'POST', json: { username: at('username').value.trim(), name: name || null } })
    at('newcomer').open = false
    await loadCustomers(made.id)
    at('text').focus()
  })
}
at('app-reply').onsubmit = (event) => {
  event.preventDefault()
  attempt(async () => {
    await call(`${address()}/app-replies`, { method: 'POST', json: { text: at('app-text').value } })
    event.target.reset()
  })
}
for (const button of document.querySelectorAll('[data-advance]')) {
  const by = button.dataset.advance
  button.onclick = () => attempt(() => call('/control/clock', { method: 'POST', json: by === 'now' ? { at: new Date().toISOString() } : { advance: Number(by) } }))
}
at('scroll').onscroll = ({ target }) => { atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 60 }
new ResizeObserver(stay).observe(at('scroll'))
at('account').onchange = () => attempt(() => loadCustomers())
at('customer').onchange = () => attempt(open)
document.onvisibilitychange = () => { if (!document.hidden) refresh() }

// What changes

async function readClock() {
  const told = await call('/control/clock')
  offset = new Date(told.now) - Date.now()
  showClock()
}
function showClock() {
  const now = new Date(Date.now() + offset)
  at('clock').dateTime = now.toISOString()
  at('clock').textContent = now.toLocaleString([], { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}

const events = new EventSource('/control/events')
events.onopen = () => attempt(async () => { await readClock(); await refresh() })
events.onmessage = ({ data }) => {
  const change = JSON.parse(data)
  const { account, customer } = place()
  if (change.reset) location.reload()
  else if (change.clock) attempt(readClock)
  else if (change.account === account && change.customer === customer) refresh()
  else if (change.account === account && change.customer && !customers.some((c) => c.id === change.customer)) attempt(() => addToList(change.customer))
  else if (!change.customer) attempt(loadAccounts)
}

// Somebody else invented a customer: they join the list, the open thread stays.
async function addToList(id) {
  const made = (await call(`/control/accounts/${place().account}/customers`)).find((c) => c.id === id)
  if (!made || customers.some((c) => c.id === id)) return
  if (!place().customer) return loadCustomers(id)
  customers.push(made)
  at('customer').append(element('option', { value: id, textContent: made.name ? `${made.name} (@${made.username})` : `@${made.username}` }))
}

async function loadAccounts() {
  const { account } = place()
  const accounts = await call('/control/accounts')
  at('account').replaceChildren(...accounts.map((a) => element('option', { value: a.id, textContent: `@${a.username}`, dataset: { username: a.username, name: a.name } })))
  at('account').value = account
}

// Dots that nobody renews go out.
setInterval(() => { showClock(); if (!at('typing').hidden) refresh() }, 5000)

const asked = new URLSearchParams(location.search)
if ([...at('account').options].some((option) => option.value === asked.get('account'))) at('account').value = asked.get('account')
attempt(async () => { await readClock(); await loadCustomers(asked.get('customer')) })
