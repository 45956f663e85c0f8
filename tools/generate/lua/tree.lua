-- Knows how Wireshark shows frames and meta records; what the bytes mean stands before it.

if not Proto then return wire end  -- loaded by a plain Lua, for its own sake

local line = Proto("pumpbench", "pumpbench frame")
local meta = Proto("pumpbench_meta", "pumpbench meta record")
local shown, experts = {}, {}
local interface_name, direction = Field.new("frame.interface_name"), Field.new("frame.packet_flags_direction")
local INBOUND, OUTBOUND = 1, 2

local function declare(field)
  shown[#shown + 1] = field
  return field
end

local function expert(name, text, group, severity)
  local made = ProtoExpert.new("pumpbench." .. name, text, group, severity)
  experts[#experts + 1] = made
  return made
end

local UNSIGNED = {ProtoField.uint8, ProtoField.uint16, [4] = ProtoField.uint32, [8] = ProtoField.uint64}
local SIGNED = {ProtoField.int8, ProtoField.int16, [4] = ProtoField.int32, [8] = ProtoField.int64}

-- One field of a message, and a bit of its own for each name of a set.
local function declare_field(prefix, field)
  local abbr, make = prefix .. "." .. field.name, (field.signed and SIGNED or UNSIGNED)[field.size]
  local codes = facts.codes[field.codes]
  local doc = field.doc
  if codes then
    field.proto = make(abbr, field.name, base.DEC, codes, nil, doc)
  elseif field.unit then
    field.proto = make(abbr, field.name, base.UNIT_STRING, {" " .. field.unit}, nil, doc)
  else
    field.proto = make(abbr, field.name, field.flags and base.HEX or base.DEC, nil, nil, doc)
  end
  declare(field.proto)
  field.bits = {}
  for index, flag in ipairs(field.flags and facts.flags[field.flags] or {}) do
    local shape = ProtoField.bool(abbr .. "." .. flag.name, flag.name, 8 * field.size, nil, flag.bit)
    field.bits[index] = {name = flag.name, bit = flag.bit, proto = declare(shape)}
  end
end

local function declare_layout(abbr, layout)
  for _, field in ipairs(layout.fields) do declare_field(abbr, field) end
  local tail = layout.tail
  if not tail then return end
  tail.proto = declare(ProtoField.bytes(abbr .. "." .. tail.name, tail.name, base.NONE, tail.doc))
  tail.count = declare(ProtoField.uint16(abbr .. "." .. tail.name .. "_count", tail.name .. " count"))
  -- Items of one layout may end several messages: each has fields of its own.
  tail.fields = {}
  for index, field in ipairs(tail.item.fields) do
    local own = {}
    for key, value in pairs(field) do own[key] = value end
    declare_field(abbr .. "." .. tail.name, own)
    tail.fields[index] = own
  end
end

for _, layout in pairs(facts.messages) do declare_layout("pumpbench." .. layout.abbr, layout) end
for _, field in ipairs(facts.header) do declare_field("pumpbench", field) end
local ok = declare(ProtoField.bool("pumpbench.ok", "ok", base.NONE, nil, nil, "a good frame"))
local message = declare(ProtoField.string("pumpbench.message", "message"))
local fault = declare(ProtoField.string("pumpbench.fault", "fault", base.ASCII, "the first that applies"))
local size_bytes = declare(ProtoField.uint32("pumpbench.size_bytes", "size", base.UNIT_STRING, {" bytes"}, nil, "between two zero bytes"))
local raw = declare(ProtoField.bytes("pumpbench.raw", "raw", base.NONE, "as it passed; of a longer run the first 256 bytes"))
local unknown_body = declare(ProtoField.bytes("pumpbench.body", "body", base.NONE, "of a type that is not known"))

local fault_expert, alarm_expert = {}, {}
for number, name in pairs(facts.codes.WireFault) do
  fault_expert[number] = expert("bad_frame." .. name, "bad frame: " .. name, PI_MALFORMED, PI_ERROR)
end
for _, alarm in ipairs(facts.alarms) do
  local severity = alarm.critical and PI_WARN or PI_NOTE
  alarm_expert[alarm.number] = expert("alarm." .. alarm.name, "alarm: " .. alarm.name, PI_RESPONSE_CODE, severity)
end
local refused = expert("refused_request", "refused", PI_RESPONSE_CODE, PI_NOTE)
local cleared = expert("alarm_cleared", "alarm cleared", PI_RESPONSE_CODE, PI_CHAT)

line.fields, line.experts = shown, experts

local function alarms_in(item, value)
  for _, alarm in ipairs(facts.alarms) do
    if wire.band(value, 2 ^ alarm.number) ~= 0 then item:add_proto_expert_info(alarm_expert[alarm.number]) end
  end
end

-- A field of the decoded bytes, or 0 where the sender did not know the field yet.
local function add_field(tree, field, tvb, at, stop)
  local first = at + field.at
  if first + field.size > stop then
    local zero = field.size < 8 and 0 or field.signed and Int64(0) or UInt64(0)
    return tree:add(field.proto, tvb(stop, 0), zero):set_generated(), 0
  end
  local range = tvb(first, field.size)
  local item = tree:add_le(field.proto, range)
  if field.size == 8 or field.signed then return item, 0 end
  local value, names = range:le_uint(), {}
  for _, flag in ipairs(field.bits) do
    if wire.band(value, flag.bit) ~= 0 then names[#names + 1] = flag.name end
    item:add_le(flag.proto, range)
  end
  if field.flags then item:append_text(" (" .. (names[1] and table.concat(names, "+") or "none") .. ")") end
  if field.alarms then alarms_in(item, value) end
  return item, value
end

-- What an event or a log entry says of an alarm; `values` by field name.
local function tell_alarm(item, values)
  if values.code == facts.ALARM_RAISED and alarm_expert[values.arg_0] then
    item:add_proto_expert_info(alarm_expert[values.arg_0])
  elseif values.code == facts.ALARM_CLEARED then
    item:add_proto_expert_info(cleared)
  end
end

local function add_fields(tree, fields, tvb, at, stop)
  local values = {}
  for _, field in ipairs(fields) do
    local _, value = add_field(tree, field, tvb, at, stop)
    values[field.name] = value
  end
  tell_alarm(tree, values)
end

local function add_bytes(tree, tail, tvb, items)
  local bytes = {}
  for index = 0, items.count - 1 do bytes[#bytes + 1] = string.char(tvb(items.at + index * items.size, 1):uint()) end
  if items.count > 0 then tree:add(tail.proto, ByteArray.new(table.concat(bytes), true):tvb(tail.name)()) end
end

local function add_tail(tree, tail, tvb, items)
  tree:add_le(tail.count, tvb(items.at - 3, 2))
  if tail.of_bytes then return add_bytes(tree, tail, tvb, items) end
  for index = 0, items.count - 1 do
    local first = items.at + index * items.size
    local item = tree:add(tail.proto, tvb(first, items.size)):set_text(tail.item.name .. " " .. index)
    add_fields(item, tail.fields, tvb, first, first + items.size)
  end
end

local function add_header(tree, frame, tvb)
  local flags_say_device = wire.band(frame.header.flags, facts.FLAG_FROM_DEVICE) ~= 0
  for _, field in ipairs(facts.header) do
    if not field.device or flags_say_device then
      add_field(tree, field, tvb, 0, (field.device and not frame.as_device) and 0 or frame.stop)
    end
  end
end

local function name_of(frame)
  if not frame.header then return nil end
  local layout = facts.messages[frame.header.type]
  return layout and layout.name or string.format("0x%04x", frame.header.type)
end

-- The subtree of one frame; gives what the packet list says of it.
local function add_frame(tree, frame)
  local tvb = ByteArray.new(frame.header and frame.plain or frame.raw, true):tvb("frame")
  local top = tree:add(line, tvb())
  local name, fault_name = name_of(frame), frame.fault and facts.codes.WireFault[frame.fault]
  top:add(ok, frame.fault == nil):set_generated()
  if name then
    top:add(message, name):set_generated()
    add_header(top, frame, tvb)
  end
  if fault_name then
    top:add(fault, fault_name):set_generated():add_proto_expert_info(fault_expert[frame.fault])
    top:add(size_bytes, frame.size):set_generated()
    top:add(raw, ByteArray.new(frame.raw, true):tvb("as it passed")())
    top:append_text(": bad, " .. fault_name)
    return "BAD " .. fault_name .. (name and " " .. name or "")
  end
  top:append_text(": " .. name)
  if not frame.layout then
    if frame.stop > frame.at then top:add(unknown_body, tvb(frame.at, frame.stop - frame.at)) end
    return name
  end
  add_fields(top, frame.layout.fields, tvb, frame.at, frame.items and frame.items.at - 3 or frame.stop)
  if frame.items then add_tail(top, frame.layout.tail, tvb, frame.items) end
  if frame.header.type == facts.REFUSED then top:add_proto_expert_info(refused) end
  return name
end

-- Streams by interface and direction; what stood open before a packet, for those that Wireshark shows again.
local streams, before = {}, {}

function line.init()
  streams, before = {}, {}
end

local function runs_of(pinfo, key, bytes)
  if not pinfo.visited then before[pinfo.number] = streams[key] end
  local runs, rest = wire.split(before[pinfo.number] or {"", 0}, bytes)
  if not pinfo.visited then streams[key] = (rest[1] ~= "") and rest or nil end
  return runs, rest
end

function line.dissector(tvb, pinfo, tree)
  local way, name = direction(), interface_name()
  way = way and way.value % 3 or 0  -- 3 says as little as 0
  local from_device = nil
  if way == INBOUND then from_device = true elseif way == OUTBOUND then from_device = false end
  local bytes = tvb:len() > 0 and tvb():bytes():raw() or ""
  local runs, rest = runs_of(pinfo, (name and name.value or "") .. " " .. way, bytes)
  local told = {}
  for _, run in ipairs(runs) do told[#told + 1] = add_frame(tree, wire.read(run, from_device)) end
  if #rest[1] > 0 then told[#told + 1] = "(" .. #rest[1] + rest[2] .. " bytes of the next frame)" end
  pinfo.cols.protocol = "pumpbench"
  pinfo.cols.info = (from_device and "<- " or from_device == false and "-> " or "? ") .. table.concat(told, ", ")
end

local record = ProtoField.string("pumpbench_meta.record", "record", base.ASCII, "the kind of this record")
meta.fields = {record}

-- The text under `record` of a canonical JSON object, whatever objects stand before it; nil where there is none.
local function kind_of(text)
  local depth, at = 0, 1
  while at <= #text do
    local mark = text:sub(at, at)
    if mark == '"' then
      local stop = at + 1
      while stop <= #text and text:sub(stop, stop) ~= '"' do stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1) end
      if depth == 1 and text:sub(at + 1, stop - 1) == "record" then
        local kind = text:match('^:"([^"\\]*)"', stop + 1)
        if kind then return kind end
      end
      at = stop
    elseif mark == "{" or mark == "[" then
      depth = depth + 1
    elseif mark == "}" or mark == "]" then
      depth = depth - 1
    end
    at = at + 1
  end
end

function meta.dissector(tvb, pinfo, tree)
  local kind = tvb:len() > 0 and kind_of(tvb():bytes():raw()) or nil
  local top = tree:add(meta, tvb())
  if kind then top:add(record, kind):set_generated() end
  if tvb:len() > 0 then Dissector.get("json"):call(tvb, pinfo, tree) end
  pinfo.cols.protocol = "pumpbench"
  pinfo.cols.info = "meta: " .. (kind or "no record of ours")
end

local links = wtap_encaps or wtap
DissectorTable.get("wtap_encap"):add(links.USER0, line)
DissectorTable.get("wtap_encap"):add(links.USER1, meta)

return wire
