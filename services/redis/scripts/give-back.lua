-- Takes a call back that was counted in the window KEYS[1], where that ends within ARGV[1] milliseconds: one that ends later, or
-- none, did not count it.
local left = redis.call("PTTL", KEYS[1])
if left <= 0 or left > tonumber(ARGV[1]) then
  return 0
end
return redis.call("DECR", KEYS[1])
