-- Ends each script. A server that forgot, or was a replica since, has another replication id than at the begin of the
-- life; its script cache alone does not tell: it outlives a resync.
local IDENTITY = PREFIX .. 'id'

local function identity()
  return string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
end

-- begin: once, by the process that began the epoch.
if ARGV[1] == 'begin' then
  redis.call('SET', IDENTITY, identity())
  return 1
end
if redis.call('GET', IDENTITY) ~= identity() then return redis.error_reply('LIFEOVER these are not the keys of the life') end
if ARGV[1] == 'check' then return 1 end
return ops[ARGV[1]]()
