/**
 * The platform's definitions once more, as plain SQL over the raw log: what every window, distinct count, sum and
 * ledger must hold in the end. Shares no code with the pipeline.
 *
 * Input tables: `raw` (one row per record of the event topic), `changes` (profile changes), `regions`, `rates`,
 * `workspaces` (reference rows with the append time from which they hold). Times in ms.
 */
/** Cart minutes after `shownThroughMs` (the append clock) are not shown yet. */
export const expectedSql = (shownThroughMs: number): string => `
-- Records by what can be told of each alone; the first reason that applies is the one told.
create temp table checked as
select *, case
    when tick then 'tick'
    when bytes is null then 'invalid_record'
    when bytes > 32768 then 'too_large'
    when not schema_known then 'unknown_schema'
    when not decoded then 'malformed_avro'
    when not regexp_full_match(id, '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}') then 'invalid_id'
    when octet_length(encode(user_id)) = 0 or octet_length(encode(user_id)) > 128 then 'missing_user'
    when record_key is null or record_key <> workspace || ':' || user_id then 'wrong_key'
    when key_partition <> partition then 'wrong_partition'
    when ts < 946684800000 then 'invalid_timestamp'
    when ts > append_ms + 300000 then 'timestamp_in_future'
    when amount is not null and (amount < 0 or amount > 1000000000000) then 'invalid_amount'
    when (select count(*) from workspaces w where w.id = workspace and w.append_ms <= c.append_ms) = 0 then 'unknown_workspace'
  end as reason
from raw c;

-- Sales: purchases in the workspace's currency, rates by validity among those known by then; half to even.
create temp table priced as
select c.*, case when action = 'purchase' and amount is not null and reason is null
                 then coalesce(nullif(c.currency, ''), w.currency) end as from_currency,
  w.currency as own_currency
from checked c left join workspaces w on w.id = c.workspace and c.reason is null;

create temp table converted as
select p.*,
  case when from_currency is null then 0::hugeint
       when from_currency = own_currency then amount::hugeint
       else (select case when f.rate is null or t.rate is null then null else (
              with x as (select amount::hugeint * f.rate as n, t.rate as d)
              select case when (n % d) * 2 < d or ((n % d) * 2 = d and (n // d) % 2 = 0) then n // d else n // d + 1 end from x) end
             from (select arg_max(rate, valid_from) as rate from rates r where r.currency = p.from_currency and r.valid_from <= p.ts and r.append_ms <= p.append_ms) f,
                  (select arg_max(rate, valid_from) as rate from rates r where r.currency = p.own_currency and r.valid_from <= p.ts and r.append_ms <= p.append_ms) t)
  end as sales
from priced p;

create temp table sound as
select * replace (case when reason is null and sales is null then 'unknown_currency'
                       when reason is null and sales > 100000000000000 then 'invalid_amount' else reason end as reason),
  max(case when reason = 'tick' then append_ms
           when reason is null and sales <= 100000000000000 then least(ts, append_ms) end - 600000)
    over (partition by partition order by "offset" rows between unbounded preceding and 1 preceding) as watermark
from converted;

-- Repeats, found by walking the records of each identity in order and keeping what is remembered.
create temp table chained as
select *, row_number() over (partition by partition, workspace, lower(id) order by "offset") as n,
  coalesce(ts < watermark, false) as late
from sound where reason is null;

create temp table walked as
with recursive walk as (
  select partition, workspace, lower(id) as id, n, "offset",
    case when late then 'late' else 'counted' end as outcome,
    case when late and action <> 'purchase' then []::struct(ts bigint, horizon bigint)[]
         else [{'ts': ts, 'horizon': case when action = 'purchase' then 86400000 else 300000 end}] end as remembered
  from chained where n = 1
  union all
  select c.partition, c.workspace, lower(c.id), c.n, c."offset", o.outcome,
    case when o.outcome in ('duplicate', 'dead:id_reused') or (o.outcome = 'late' and c.action <> 'purchase') then w.remembered
         else list_append(w.remembered, {'ts': c.ts, 'horizon': case when c.action = 'purchase' then 86400000 else 300000 end}) end
  from walk w
  join chained c on c.partition = w.partition and c.workspace = w.workspace and lower(c.id) = w.id and c.n = w.n + 1,
  lateral (select list_filter(w.remembered, lambda e: e.ts >= coalesce(c.watermark, -1e18::double) - e.horizon) as live) l,
  lateral (select case
      when len(list_filter(l.live, lambda e: e.ts = c.ts)) > 0 then 'duplicate'
      when len(l.live) > 0 then 'dead:id_reused'
      when c.late then 'late' else 'counted' end as outcome) o
)
select partition, "offset", outcome from walk;

create temp table outcomes as
select s.*, coalesce(w.outcome, case when s.reason = 'tick' then 'tick' else 'dead:' || s.reason end) as outcome,
  case when s.reason is null or s.reason = 'unknown_currency' then s.workspace
       when s.reason in ('wrong_partition', 'invalid_timestamp', 'timestamp_in_future', 'invalid_amount')
            and (select count(*) from workspaces x where x.id = s.workspace and x.append_ms <= s.append_ms) > 0 then s.workspace
       else '_system' end as owner
from sound s left join walked w using (partition, "offset");

-- Region and tier of counted events, among what was known at their append time.
create temp table placed as
select o.*,
  coalesce(case
    when regexp_full_match(o.location, '[-+ .0-9].*,.*') and abs(try_cast(split_part(o.location, ',', 1) as double)) <= 90
         and abs(try_cast(split_part(o.location, ',', 2) as double)) <= 180
    then (select arg_max(r.code, cos(radians(r.lat)) * cos(radians(try_cast(split_part(o.location, ',', 1) as double)))
            * cos(radians(r.lng - try_cast(split_part(o.location, ',', 2) as double)))
            + sin(radians(r.lat)) * sin(radians(try_cast(split_part(o.location, ',', 1) as double))))
          from regions r where r.append_ms <= o.append_ms)
    else (select min(r.code) from regions r where r.append_ms <= o.append_ms and lower(trim(o.location)) in (lower(r.code), lower(r.name)))
  end, 'unknown') as region,
  coalesce((select coalesce(arg_max(c.tier, c.valid_from * 1000000::hugeint + c."offset") filter (c.valid_from <= o.ts),
                            arg_min(c.tier, c.valid_from * 1000000::hugeint - c."offset"))
            from changes c where c.user_key = o.record_key and c.partition = o.partition and c.append_ms <= o.append_ms), 'unknown') as tier
from outcomes o where o.outcome = 'counted';

create temp table membered as
select p.*, unnest(['*', 'platform=' || platform, 'tier=' || tier, 'region=' || region, 'region=' || region || ',platform=' || platform]) as member
from placed p;

create temp table grains as select * from (values ('10s', 10000), ('1m', 60000), ('5m', 300000), ('1h', 3600000)) g(grain, ms);

-- Carts: an event is its cart's last when nothing follows within 30 min but, at best, the purchase.
create temp table carts as
select *, coalesce(next_ts < ts + 1800000, false) and next_action = 'purchase' as converted
from (select *, lead(ts) over w as next_ts, lead(action) over w as next_action
      from placed where action in ('cart', 'purchase')
      window w as (partition by partition, record_key order by ts, action = 'purchase', "offset"))
where action = 'cart' and not coalesce(next_action = 'cart' and next_ts < ts + 1800000, false)
  and (ts + 1800000) // 60000 * 60000 <= ${shownThroughMs};

create temp table cells as
select workspace, grain, ms, ts // ms * ms as start, member,
  count(*) filter (action = 'view') as view, count(*) filter (action = 'cart') as cart,
  count(*) filter (action = 'purchase') as purchase, count(*) filter (action = 'login') as login,
  sum(sales)::hugeint as sales, count(distinct user_id) as users, 0 as due, 0 as abandoned
from membered, grains group by all
union all
select workspace, grain, ms, (ts + 1800000) // ms * ms, member, 0, 0, 0, 0, 0, 0, count(*), count(*) filter (not converted)
from (select *, unnest(['*', 'platform=' || platform, 'tier=' || tier, 'region=' || region, 'region=' || region || ',platform=' || platform]) as member from carts), grains
where grain <> '10s' group by all;

create temp table expected as
select workspace, grain, start, member, sum(view)::bigint as view, sum(cart)::bigint as cart, sum(purchase)::bigint as purchase,
  sum(login)::bigint as login, sum(sales)::hugeint as sales, case when grain = '10s' then null else sum(users)::bigint end as users,
  sum(due)::bigint as due, sum(abandoned)::bigint as abandoned
from cells group by workspace, grain, start, member;

create temp table ledger as
select owner as workspace, append_ms // 60000 * 60000 as minute, outcome, count(*)::bigint as records
from outcomes where outcome <> 'tick' group by all;
`;

/** Rows that are in one of expected and actual but not in the other. */
export const DIFFERENCE_SQL = `
select 'missing or wrong' as what, * from (select * from expected except select * from actual)
union all
select 'not expected' as what, * from (select * from actual except select * from expected)
order by all limit 20`;

export const LEDGER_DIFFERENCE_SQL = `
select 'missing or wrong' as what, * from (select * from ledger except select * from actual_ledger)
union all
select 'not expected' as what, * from (select * from actual_ledger except select * from ledger)
order by all limit 20`;
