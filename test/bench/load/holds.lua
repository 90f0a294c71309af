-- One hold of one seat per request, each with a key of its own, by many buyers in turn.
-- Arguments: file of tokens, path, prefix of the keys, sections, rows, seats per row, hot seats (0: every seat once).
local tokens, path, prefix, sections, rows, perRow, hot
local total, stride, count = 0, 7919 * 7, 0
local head, middle

function init(args)
  tokens = {}
  for line in io.lines(args[1]) do tokens[#tokens + 1] = line end
  path, prefix = args[2], args[3]
  sections, rows, perRow, hot = tonumber(args[4]), tonumber(args[5]), tonumber(args[6]), tonumber(args[7])
  total = sections * rows * perRow
  head = "POST " .. path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer "
  middle = "\r\nIdempotency-Key: " .. prefix
end

function request()
  count = count + 1
  local seat
  if hot > 0 then
    seat = ((count % hot) * stride) % total
  else
    seat = (count * stride) % total -- The stride shares no factor with the total: every seat comes once before one comes again.
  end
  local place = math.floor(seat / sections)
  local body = '{"seats":["S' .. seat % sections .. "-" .. math.floor(place / perRow) + 1 .. "-" .. place % perRow + 1 .. '"]}'
  return head .. tokens[count % #tokens + 1] .. middle .. count .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nSUMMARY {"requests":%d,"durationUs":%d,"refused":%d,"broken":%d,"p50Us":%d,"p99Us":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
