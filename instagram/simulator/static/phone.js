// The phone: shows one thread, sends what the customer does, and follows what changes.

import { bubble } from './bubbles.js'
import { at, attempt, call, element, place, thread } from './calls.js'
import { now, readClock, readCounts, readFaults, readPanel, readTokens, showClock } from './panel.js'

const PEOPLE = [['jana.novak', 'Jana Nováková'], ['tom_b', 'Tom Becker'], ['mia.w', 'Mia Weiss'], ['petr77', 'Petr'], ['lena.art', '']]
const EMOJIS = [['❤️', 'love'], ['😆', 'laugh'], ['😮', 'wow'], ['😢', 'sad'], ['😠', 'angry'], ['👍', 'like']]
const WITH_FILE = ['image', 'video', 'audio', 'file', 'ig_post', 'share', 'both', 'ig_reel', 'story_mention', 'sticker']

let accounts = []
let customers = []
let shown = new Map() // message id -> {element, written}
let reading = null
let atEnd = true // whether the newest message is in view
let about = null // {mid, edit}: the message that the composer answers or edits
let chosen = null // the message whose actions are open
let person = null // the customer as the simulator knows them

// Who talks to whom

async function loadAccounts(wanted) {
  accounts = await call('/accounts')
  const option = (a) => element('option', { value: a.id, textContent: `@${a.username}` })
  const told = accounts.filter(isTold)
  const others = accounts.filter((a) => !isTold(a))
  const groups = others.length ? [element('optgroup', { label: 'No app is told of these yet' }, ...others.map(option))] : []
  const keep = [wanted, at('account').value, accounts[0].id].find((id) => accounts.some((a) => a.id === id))
  at('account').replaceChildren(...told.map(option), ...groups)
  at('account').value = keep
  noteAccount()
}

const isTold = (account) => Object.keys(account.subscribed).length > 0

function noteAccount() {
  const account = accounts.find((a) => a.id === at('account').value)
  at('account-note').hidden = isTold(account)
  at('account-note').textContent = 'No app is told of what is written here. Authorise the account in the app first.'
}

async function loadCustomers(wanted) {
  const { account, customer } = place()
  customers = await call(`/accounts/${account}/customers`)
  const options = customers.map(optionOf)
  if (!options.length) options.push(element('option', { value: '', textContent: 'nobody yet' }))
  at('customer').replaceChildren(...options)
  const keep = [wanted, customer].find((id) => customers.some((c) => c.id === id))
  if (keep) at('customer').value = keep
  if (!customers.length) at('newcomer').open = true
  suggest()
  await open()
}

const optionOf = (c) => element('option', { value: c.id, textContent: c.name ? `${c.name} (@${c.username})` : `@${c.username}` })

function suggest() {
  const free = PEOPLE.find(([username]) => !customers.some((c) => c.username === username))
  at('username').value = free ? free[0] : `customer${customers.length + 1}`
  at('name').value = free ? free[1] : ''
}

async function open() {
  const { account, customer } = place()
  const known = accounts.find((a) => a.id === account)
  at('title').textContent = known.name
  at('subtitle').textContent = `@${known.username}`
  at('avatar').src = `/avatars/${encodeURIComponent(known.username)}.svg`
  history.replaceState(null, '', `?${new URLSearchParams({ account, customer })}`)
  shown = new Map()
  at('thread').replaceChildren()
  at('problem').hidden = true
  speakAbout(null)
  noteAccount()
  at('empty').textContent = customer ? `Say something to @${known.username}.` : 'Invent a customer to begin.'
  for (const control of document.querySelectorAll('.composer *, #app-reply button, #arrive button, [data-testid=relation] button')) control.disabled = !customer
  await Promise.all([refresh(), readTokens()])
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
      if (!from.customer) { draw({ messages: [], quick_replies: [], ice_breakers: [], typing: false }); continue }
      const told = await call(`${thread(from)}/thread`)
      if (from.account !== place().account || from.customer !== place().customer) { reading.again = true; continue }
      draw(told)
      await tellSeen(told, from)
    } while (reading.again)
  } catch (error) {
    await attempt(() => { throw error })
  } finally {
    reading = null
  }
}

function draw(told) {
  let before = null
  let fresh = false
  for (const message of told.messages) {
    const written = JSON.stringify(message)
    const known = shown.get(message.mid)
    if (known?.written !== written) {
      const made = bubble(message, before, told.messages, now(), { stay, act: openActions, tap: (postback) => say({ postback }) })
      if (known) known.element.replaceWith(made)
      else at('thread').append(made)
      shown.set(message.mid, { element: made, written })
      fresh ||= !known
    }
    before = message
  }
  person = told.customer ?? null
  at('empty').hidden = told.messages.length > 0
  const own = told.messages.filter((m) => m.from === 'customer').at(-1)
  at('seen').hidden = !(own && own === before && told.seen_at && told.seen_at >= own.at)
  at('typing').hidden = !told.typing
  at('quick-replies').hidden = !told.quick_replies.length
  at('quick-replies').replaceChildren(...told.quick_replies.map((reply) => element('button', {
    type: 'button', textContent: reply.title, dataset: { testid: 'quick-reply', payload: reply.payload },
    onclick: () => say({ quick_reply: reply.payload }),
  })))
  at('ice-breakers').hidden = !told.ice_breakers.length
  at('ice-breakers').replaceChildren(...told.ice_breakers.map(({ question, payload }) => element('button', {
    type: 'button', textContent: question, dataset: { testid: 'ice-breaker', payload },
    onclick: () => say({ postback: { title: question, payload } }),
  })))
  drawRelation()
  if (fresh) atEnd = true
  stay()
}

function drawRelation() {
  const blocked = Boolean(person?.blocked)
  at('block').textContent = blocked ? 'Unblock the business' : 'Block the business'
  at('control').textContent = person?.owner ? 'Give the thread back' : 'Let another app take over'
  at('control-note').hidden = !person?.owner
  at('text').disabled = at('attach').disabled = at('composer').querySelector('.send').disabled = !person || blocked
  at('text').placeholder = blocked ? 'You blocked this account' : 'Message…'
}

// Whoever reads the newest message keeps reading it when the view changes its size.
function stay() {
  if (atEnd) at('scroll').scrollTop = at('scroll').scrollHeight
}

// As on a real phone, opening a thread tells the business that its message was seen.
async function tellSeen(told, from) {
  const newest = told.messages.filter((m) => m.from === 'business').at(-1)
  const mark = `seen ${from.account} ${from.customer}`
  if (!newest || !at('tell-seen').checked || document.hidden || sessionStorage.getItem(mark) === newest.mid) return
  sessionStorage.setItem(mark, newest.mid)
  await call(`${thread(from)}/seen`, { method: 'POST' })
}

// What the customer does

const say = (said) => attempt(async () => {
  await call(`${thread()}/messages`, { method: 'POST', json: said })
  await refresh()
  at('text').focus()
  return true
})

function speakAbout(message, edit = false) {
  about = message && { mid: message.mid, edit }
  at('about').hidden = !about
  at('about-text').textContent = about ? `${edit ? 'Editing' : 'Answering'} “${(message.text ?? 'an attachment').slice(0, 60)}”` : ''
  if (edit) at('text').value = message.text
}

at('composer').onsubmit = async (event) => {
  event.preventDefault()
  const text = at('text').value.trim()
  if (!text) return
  const aim = about
  at('text').value = ''
  const done = aim?.edit
    ? await attempt(async () => { await call(`${thread()}/edits`, { method: 'POST', json: { mid: aim.mid, text } }); await refresh(); return true })
    : await say(aim ? { text, reply_to: aim.mid } : { text })
  if (done) speakAbout(null)
  else at('text').value = text
}
at('text').onkeydown = (event) => {
  if (event.key === 'Escape') { speakAbout(null); return }
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  at('composer').requestSubmit()
}
at('about-cancel').onclick = () => { if (about?.edit) at('text').value = ''; speakAbout(null); at('text').focus() }

function openActions(message) {
  chosen = message
  const own = message.from === 'customer'
  at('actions-title').textContent = own ? 'Your message' : 'A message of the business'
  at('do-edit').hidden = !own || !message.text || message.payload !== undefined
  at('do-unsend').hidden = message.author === 'api'
  const mine = message.reactions?.customer
  at('emojis').replaceChildren(...EMOJIS.map(([emoji, word]) => element('button', {
    type: 'button', textContent: emoji, 'aria-label': word, 'aria-pressed': String(mine === emoji), dataset: { testid: 'emoji', reaction: word },
    onclick: () => act(() => call(`${thread()}/reactions`, { method: 'POST', json: { mid: message.mid, emoji: mine === emoji ? null : emoji, reaction: word } })),
  })))
  at('actions').showModal()
}
function act(action) {
  at('actions').close()
  return attempt(async () => { await action(); await refresh() })
}
at('do-reply').onclick = () => { at('actions').close(); speakAbout(chosen); at('text').focus() }
at('do-edit').onclick = () => { at('actions').close(); speakAbout(chosen, true); at('text').focus() }
at('do-unsend').onclick = () => act(() => call(`${thread()}/messages/${chosen.mid}`, { method: 'DELETE' }))
at('do-nothing').onclick = () => at('actions').close()

at('attach').onclick = () => at('picture').showModal()
at('picture-cancel').onclick = () => at('picture').close()
at('attached-kind').onchange = ({ target }) => {
  at('attached-word').hidden = target.value !== 'other'
  at('attached-file').hidden = at('attached-url').hidden = ![...WITH_FILE, 'other'].includes(target.value)
}
at('picture-form').onsubmit = (event) => {
  event.preventDefault()
  const kind = at('attached-kind').value
  const file = at('file').files[0]
  const typed = at('url').value.trim()
  at('picture').close()
  attempt(async () => {
    let url = typed || undefined
    if (file && !at('attached-file').hidden) url = (await call('/media', { method: 'POST', body: file, headers: { 'Content-Type': file.type } })).url
    if (kind === 'page') url = (await call('/samples')).page
    const types = { both: ['share', 'ig_post'], page: ['ig_reel'], other: [at('word').value.trim() || 'hologram'] }[kind] ?? [kind]
    const said = kind === 'unsupported' ? { unsupported: true } : { attachments: types.map((type) => ({ type, url })) }
    if (await say(said)) { event.target.reset(); at('attached-kind').onchange({ target: at('attached-kind') }) }
  })
}
at('new-customer').onsubmit = (event) => {
  event.preventDefault()
  const name = at('name').value.trim()
  const made = { username: at('username').value.trim(), name: name || null, profile: at('profile').value }
  attempt(async () => {
    const { id } = await call(`/accounts/${place().account}/customers`, { method: 'POST', json: made })
    at('newcomer').open = false
    await loadCustomers(id)
    at('text').focus()
  })
}
at('origin').onchange = () => {
  for (const field of document.querySelectorAll('[data-for]')) field.hidden = !field.dataset.for.split(' ').includes(at('origin').value)
}
at('arrive').onsubmit = async (event) => {
  event.preventDefault()
  const text = at('arrive-text').value.trim() || undefined
  const ref = at('arrive-ref').value.trim() || undefined
  const said = {
    story: { text: text ?? 'Nice!', story: {} },
    link: { referral: { ref, source: 'https://ig.me/m/shop' } },
    ad: { text: text ?? 'Is it in stock?', referral: { ref, source: 'ADS', ad_id: '120200000000001', ads_context_data: { ad_title: 'Summer sale' } } },
  }[at('origin').value]
  if (await say(said)) at('arrive-text').value = ''
}
at('seen-now').onclick = () => attempt(() => call(`${thread()}/seen`, { method: 'POST' }))
at('block').onclick = () => attempt(async () => { await call(`${thread()}/block`, { method: 'PUT', json: { blocked: !person.blocked } }); await refresh() })
at('control').onclick = () => attempt(async () => {
  await call(`${thread()}/hand-over`, { method: 'POST', json: { event: person.owner ? 'pass_thread_control' : 'take_thread_control' } })
  await refresh()
})
at('app-reply').onsubmit = (event) => {
  event.preventDefault()
  attempt(async () => {
    await call(`${thread()}/app-replies`, { method: 'POST', json: { text: at('app-text').value } })
    event.target.reset()
  })
}
at('scroll').onscroll = ({ target }) => { atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 60 }
new ResizeObserver(stay).observe(at('scroll'))
at('account').onchange = () => attempt(() => loadCustomers())
at('customer').onchange = () => attempt(open)
document.onvisibilitychange = () => { if (!document.hidden) refresh() }

// What changes

let counting = null
function countSoon() {
  counting ??= setTimeout(() => { counting = null; attempt(readCounts) }, 500)
}

const events = new EventSource('/control/events')
events.onopen = () => attempt(async () => { await readClock(); await readPanel(); await refresh() })
events.onmessage = ({ data }) => {
  const change = JSON.parse(data)
  const { account, customer } = place()
  if (change.reset) return location.reload()
  if (change.clock) return attempt(async () => { await readClock(); await readTokens() })
  if (change.faults) return attempt(readFaults)
  if (!change.customer) return attempt(async () => { await loadAccounts(); await readTokens() })
  countSoon()
  if (change.account !== account) return
  if (change.customer === customer) refresh()
  else if (/^\d+$/.test(change.customer) && !customers.some((c) => c.id === change.customer)) attempt(() => addToList(change.customer))
}

// Somebody else invented a customer: they join the list, the open thread stays.
async function addToList(id) {
  const made = (await call(`/accounts/${place().account}/customers`)).find((c) => c.id === id)
  if (!made || customers.some((c) => c.id === id)) return
  if (!place().customer) return loadCustomers(id)
  customers.push(made)
  at('customer').append(optionOf(made))
}

// Dots that nobody renews go out.
setInterval(() => { showClock(); if (!at('typing').hidden) refresh() }, 5000)

// On a phone the panel would hide the thread.
if (matchMedia('(max-width: 760px)').matches) for (const group of document.querySelectorAll('.panel details')) group.open = false
at('origin').onchange()
const asked = new URLSearchParams(location.search)
attempt(async () => {
  await Promise.all([readClock(), loadAccounts(asked.get('account'))])
  await loadCustomers(asked.get('customer'))
})
