create table if not exists settings (name text primary key, value text not null);
create table if not exists accounts (
    id text primary key, flavour text not null, username text not null, name text not null, token text not null unique,
    page_id text unique, subscribed text not null default ''
);
create table if not exists customers (
    account text not null, id text not null, username text not null, name text, last_wrote integer, seen_by_us integer,
    conversation text not null, primary key (account, id)
);
create index if not exists customers_by_conversation on customers (conversation);
create table if not exists messages (
    number integer primary key autoincrement, mid text not null unique, account text not null, customer text not null,
    author text not null, at integer not null, content text not null, edits integer not null default 0,
    deleted integer not null default 0
);
create index if not exists messages_of_thread on messages (account, customer, number);
create table if not exists sends (
    number integer primary key autoincrement, at integer not null, account text not null, customer text,
    body text not null, mid text, error text
);
create table if not exists webhooks (
    number integer primary key autoincrement, thread text not null, body text not null, created integer not null,
    delivered integer
);
create index if not exists webhooks_undelivered on webhooks (thread, number) where delivered is null;
create table if not exists attempts (
    number integer primary key autoincrement, webhook integer not null, at integer not null, status integer, error text
);
create table if not exists media (id text primary key, type text not null, content blob not null);
insert into settings values ('offset', '60.0');
insert into accounts values ('17841400000000001', 'login', 'cornershop', 'Corner Shop', 'IGAA-simulated-1', null, '');
insert into accounts values
    ('17841400000000002', 'page', 'cornershop.page', 'Corner Shop Page', 'EAA-simulated-2', '100000000000002', 'messages');
insert into accounts values ('17841400000000099', 'page', 'own', 'Own', 'EAA-own-token', '77', '');
insert into customers values
    ('17841400000000001', '4711', 'jana', 'Jana', cast(strftime('%s', 'now') as integer) * 1000, null, 'a-conversation');
insert into messages (mid, account, customer, author, at, content) values
    ('mid-1', '17841400000000001', '4711', 'customer', 1762010770464, '{"text": "hi"}'),
    ('mid-2', '17841400000000001', '4711', 'api', 1762010780464, '{"text": "hello"}');
insert into sends (at, account, customer, body, mid) values
    (1762010780464, '17841400000000001', '4711', '{"recipient": {"id": "4711"}, "message": {"text": "hello"}}', 'mid-2');
insert into webhooks (thread, body, created, delivered) values
    ('17841400000000001/4711', '{}', 1762010770464, 1762010770500),
    ('17841400000000001/4711', '{"object":"instagram","entry":[{"time":1762010780464,"id":"17841400000000001","messaging":[{"sender":{"id":"17841400000000001"},"recipient":{"id":"4711"},"timestamp":1762010780464,"message":{"mid":"mid-2","text":"hello","is_echo":true}}]}]}', 1762010780464, null);
