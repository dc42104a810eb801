-- Sends whole requests that were written beforehand, each once; one request alone is sent again and again.
-- The file holds each request after a line with its length. Who runs out of them asks for nothing, and says how many were sent.

local requests, once, thread = {}, false, nil
at = 0
local DRY = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

function setup(only)
  thread = only
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  while true do
    local length = file:read("*l")
    if not length then break end
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
  once = arguments[2] == "once"
end

function request()
  if not once then return requests[1] end
  at = at + 1
  return requests[at] or DRY
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    '\n{"answers": %d, "microseconds": %d, "p50": %.1f, "p99": %.1f, "bad": %d, "broken": %d, "sent": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed.status,
    failed.connect + failed.read + failed.write + failed.timeout, thread:get("at")))
end
