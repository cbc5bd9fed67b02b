// How messages look.

import { element, local } from './calls.js'

const GAP = 15 * 60_000 // A time is shown after so long a silence.
const PICTURES = ['image', 'sticker', 'story_mention', 'story', 'ig_story', 'share', 'ig_post', 'media']
const VIDEOS = ['video', 'ig_reel', 'reel']
const NAMES = {
  story_mention: 'Story that mentions you', ig_post: 'Post', share: 'Post', ig_reel: 'Reel', reel: 'Reel', file: 'File',
  ephemeral: 'View-once picture', unsupported_type: 'Something apps cannot show', story: 'Story', ig_story: 'Story',
}

// `then.stay` keeps the end in view when a picture has come; `then.tap` sends a postback; `then.act` opens the actions.
export function bubble(message, before, messages, now, then) {
  const sent = message.from === 'customer'
  const gap = !before || new Date(message.at) - new Date(before.at) > GAP
  const item = element('li', {
    className: `message${before && before.from !== message.from ? ' turn' : ''}${message.deleted ? ' gone' : ''}`,
    title: new Date(message.at).toLocaleString(),
    dataset: { testid: 'message', direction: sent ? 'sent' : 'received', from: message.from, author: message.author, mid: message.mid },
  })
  if (gap) item.append(element('time', { className: 'when', dateTime: message.at, textContent: when(message.at, now) }))
  const context = contextOf(message, messages)
  if (context) item.append(element('span', { className: 'context', dataset: { testid: 'message-context' }, textContent: context }))
  const parts = [
    ...(message.cards ?? []).map((card) => cardOf(card, then)),
    ...(message.attachments ?? []).map((attachment) => attached(attachment, sent, then)),
  ]
  const text = message.deleted ? 'Message unsent' : message.unsupported && !message.text ? 'Something the API does not show' : message.text
  if (text) parts.push(element('div', { className: 'bubble', textContent: text, dataset: { testid: 'message-text' } }))
  const last = parts.pop()
  item.append(...parts)
  item.append(element('div', { className: 'line' }, last, message.deleted ? null : element('button', {
    type: 'button', className: 'more', textContent: '⋯', title: 'React, reply and more', 'aria-label': `What to do with “${(text ?? 'this attachment').slice(0, 40)}”`,
    dataset: { testid: 'message-more' }, onclick: () => then.act(message),
  })))
  const reactions = Object.values(message.reactions ?? {})
  if (reactions.length) item.append(element('span', { className: 'reactions', dataset: { testid: 'reactions' }, textContent: reactions.join(' ') }))
  return item
}

function contextOf(message, messages) {
  const marks = []
  if (message.author === 'app') marks.push('typed in the Instagram app')
  if (message.story) marks.push('replied to a story')
  if (message.referral) marks.push(message.referral.ad_id ? 'came from an ad' : 'came from a link')
  if (message.reply_to) {
    const text = messages.find((m) => m.mid === message.reply_to)?.text
    marks.push(text ? `in reply to “${text.slice(0, 60)}”` : 'in reply to a message')
  }
  if (message.edits && !message.deleted) marks.push('edited')
  return marks.join(' · ')
}

function cardOf(card, then) {
  const choices = card.buttons.map((button) => button.url
    ? element('a', { href: button.url, target: '_blank', rel: 'noopener noreferrer', textContent: button.title, dataset: { testid: 'link-button' } })
    : element('button', { type: 'button', textContent: button.title, dataset: { testid: 'postback-button', payload: button.payload },
      onclick: () => then.tap({ title: button.title, payload: button.payload }) }))
  return element('div', { className: 'card', dataset: { testid: 'card' } },
    card.image ? element('img', { src: local(card.image), alt: '' }) : null,
    element('p', { textContent: card.title, dataset: { testid: 'message-text' } }),
    card.subtitle ? element('p', { textContent: card.subtitle }) : null,
    element('div', { className: 'choices' }, ...choices))
}

function attached({ type, url, title }, sent, then) {
  const name = title || NAMES[type] || type
  const address = /^https?:/.test(url ?? '') ? local(url) : null
  const properties = { className: 'picture', src: address, dataset: { testid: type === 'image' ? 'picture' : 'attachment', type } }
  // What turns out to be something else, such as a web page, becomes a link.
  const orElse = (made) => { made.onerror = () => { made.replaceWith(plain(name, type, address)); then.stay() } }
  if (address && PICTURES.includes(type)) {
    const made = element('img', { ...properties, alt: type === 'image' ? (sent ? 'Picture you sent' : 'Picture you received') : name })
    made.onload = then.stay
    orElse(made)
    if (type === 'image' || type === 'sticker') return made
    return element('figure', { className: 'shared' }, made, element('figcaption', { textContent: name }))
  }
  if (address && VIDEOS.includes(type)) {
    const made = element('video', { ...properties, controls: true, preload: 'metadata', 'aria-label': name })
    made.onloadedmetadata = then.stay
    orElse(made)
    return made
  }
  if (address && type === 'audio') return element('audio', { ...properties, className: '', controls: true, preload: 'metadata', 'aria-label': 'Voice message' })
  return plain(name, type, address)
}

function plain(name, type, address) {
  return element('div', { className: 'bubble', dataset: { testid: 'attachment', type } },
    address ? element('a', { href: address, target: '_blank', rel: 'noopener noreferrer', textContent: name }) : name)
}

function when(time, now) {
  const then = new Date(time)
  const clock = then.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return then.toDateString() === now.toDateString() ? clock : `${then.toLocaleDateString([], { weekday: 'short', day: 'numeric', month: 'short' })}, ${clock}`
}
