-- Knows how bytes become frames and what their bodies hold, by the tables before it; it must not know Wireshark.
-- Runs in Lua 5.2 and 5.4: bit operators are spelled in neither, and no number here is wider than 32 bits.

local wire = {}

local bxor = bit32 and bit32.bxor or load("return function(a, b) return a ~ b end")()
local band = bit32 and bit32.band or load("return function(a, b) return a & b end")()
local rshift = bit32 and bit32.rshift or load("return function(a, n) return a >> n end")()
wire.band, wire.rshift = band, rshift

local crc_of_byte = {}
for byte = 0, 255 do
  local crc = byte
  for _ = 1, 8 do
    crc = band(crc, 1) == 1 and bxor(rshift(crc, 1), 0x82F63B78) or rshift(crc, 1)
  end
  crc_of_byte[byte] = crc
end

-- CRC-32C before its last inversion.
local function residue(bytes)
  local crc = 0xFFFFFFFF
  for at = 1, #bytes do
    crc = bxor(rshift(crc, 8), crc_of_byte[bxor(band(crc, 0xFF), bytes:byte(at))])
  end
  return crc
end

-- The little-endian number of up to four bytes after the first `at`; 0 for a field that the sender did not know yet.
local function number(bytes, at, size, stop)
  local value = 0
  if stop and at + size > stop then return 0 end
  for index = size, 1, -1 do value = value * 256 + bytes:byte(at + index) end
  return value
end
wire.number = number

-- What COBS made of the bytes between two zero bytes; nil where it never made them.
local function uncobs(bytes)
  local parts, at, size = {}, 1, #bytes
  while at <= size do
    local code = bytes:byte(at)
    local stop = at + code - 1
    if code == 0 or stop > size then return nil end
    parts[#parts + 1] = bytes:sub(at + 1, stop)
    at = stop + 1
    if code < 255 and at <= size then parts[#parts + 1] = "\0" end
  end
  return table.concat(parts)
end

-- Adds bytes to a stream `{pending, dropped}`; gives the runs that they complete, each `{bytes, size}`, and the stream's rest.
function wire.split(stream, bytes)
  local runs, at, pending, dropped = {}, 1, stream[1], stream[2]
  while true do
    local zero = bytes:find("\0", at, true)
    local run = pending .. bytes:sub(at, zero and zero - 1)
    pending, at = run:sub(1, facts.KEPT_BYTES_MAX), (zero or 0) + 1
    dropped = dropped + #run - #pending
    if not zero then return runs, {pending, dropped} end
    if #pending > 0 then runs[#runs + 1] = {pending, #pending + dropped} end
    pending, dropped = "", 0
  end
end

local function in_range(fields, bytes, at, stop)
  for _, field in ipairs(fields) do
    if field.hi then
      local value = number(bytes, at + field.at, field.size, stop)
      if field.signed and value >= 2 ^ (8 * field.size - 1) then value = value - 2 ^ (8 * field.size) end
      if value < field.lo or value > field.hi then return false end
    end
  end
  return true
end

local function fits(layout, size)
  return size >= layout.size or layout.historic[size] == true
end

-- The fault of a body, or nil and, where it ends in a tail, where the items stand: `{at, count, size}`.
local function body(layout, bytes, at, stop)
  local tail = layout.tail
  if not tail then
    if not fits(layout, stop - at) then return facts.LENGTH end
    return not in_range(layout.fields, bytes, at, stop) and facts.RANGE or nil
  end
  local items = {at = at + layout.size + 3}
  if stop < items.at then return facts.LENGTH end
  items.count, items.size = number(bytes, items.at - 3, 2), number(bytes, items.at - 1, 1)
  if items.at + items.count * items.size > stop or not fits(tail.item, items.size) then return facts.LENGTH end
  if items.count > tail.max or not in_range(layout.fields, bytes, at, stop) then return facts.RANGE end
  for index = 0, items.count - 1 do
    local first = items.at + index * items.size
    if not in_range(tail.item.fields, bytes, first, first + items.size) then return facts.RANGE end
  end
  return nil, items
end

local function header(plain, from_device)
  local found = {}
  for _, field in ipairs(facts.header) do
    if field.size <= 4 and (from_device or not field.device) then found[field.name] = number(plain, field.at, field.size) end
  end
  return found
end

-- Without a direction each frame says itself who sent it.
local function says_device(bytes)
  local plain = uncobs(bytes:sub(1, facts.ENCODED_BYTES_MAX))
  return plain ~= nil and #plain >= 2 and band(plain:byte(2), facts.FLAG_FROM_DEVICE) ~= 0
end

-- What a run of bytes is: `fault` has the first fault that applies; `header` is there where the CRC vouches for it.
function wire.read(run, from_device)
  local raw, size = run[1], run[2]
  local frame = {raw = raw, size = size}
  if from_device == nil then from_device = says_device(raw) end
  local function bad(fault) frame.fault = fault; return frame end
  if size > facts.ENCODED_BYTES_MAX then return bad(facts.OVERSIZE) end
  local plain = uncobs(raw)
  if not plain then return bad(facts.COBS) end
  frame.plain, frame.at, frame.stop = plain, from_device and facts.DEVICE_BYTES or facts.HOST_BYTES, #plain - facts.CRC_BYTES
  if frame.stop < frame.at then return bad(facts.SHORT) end
  if residue(plain) ~= facts.GOOD then return bad(facts.CRC) end
  local head = header(plain, from_device)
  frame.header, frame.as_device = head, from_device
  local own_flags = from_device and facts.FLAG_FROM_DEVICE or 0
  if head.version ~= facts.VERSION or band(head.flags, 0xFF - facts.FLAG_BENCH) ~= own_flags then return bad(facts.VERSION_FAULT) end
  frame.layout = facts.messages[head.type]
  if frame.layout then frame.fault, frame.items = body(frame.layout, plain, frame.at, frame.stop) end
  return frame
end
