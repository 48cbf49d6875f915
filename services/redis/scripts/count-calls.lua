-- Adds calls to windows, which begin with their first call, and returns the count of each and when it ends, in
-- milliseconds from now. For each key two arguments: calls, and when a window that begins ends.
local answer = {}
for index, key in ipairs(KEYS) do
  local count = redis.call('INCRBY', key, ARGV[2 * index - 1])
  local left = redis.call('PTTL', key)
  if left < 0 then
    left = tonumber(ARGV[2 * index])
    redis.call('PEXPIRE', key, left)
  end
  answer[2 * index - 1] = count
  answer[2 * index] = left
end
return answer
