# Knows the sizes and the worst stack of one image, from `size`, `nm` and the compiler's call graphs; it fails where stack lacks.
# A table's functions are called by nobody's name: an indirect call may reach each of its file's that nobody names.

function quoted(key, text) {
    text = $0
    if (!sub(".*" key ": \"", "", text)) return ""
    sub("\".*", "", text)
    return text
}

function deepest(name,    i, n, below, most, path, list) {
    if (name in depth) return depth[name]
    if (name in above) { print family ": recursion at " name > "/dev/stderr"; failed = 1; return 0 }
    above[name] = 1
    n = split(calls[name], list, SUBSEP)
    for (i = 1; i <= n; i++) {
        below = deepest(list[i])
        if (below > most) { most = below; path = list[i] }
    }
    delete above[name]
    next_of[name] = path
    return depth[name] = frame[name] + most
}

/^ *[0-9]+\t/ { text_bytes = $1; data_bytes = $2; bss_bytes = $3 }
$3 == "ld_stack_top" { stack_top = $1 }
$3 == "ld_stack_end" { stack_end = $1 }

/^graph: / { file = quoted("title") }
/^node: / && /[0-9]+ bytes/ {
    bytes = $0
    sub(".*\\\\n", "", bytes)
    frame[quoted("title")] = bytes + 0
    owner[quoted("title")] = file
}
/^edge: / {
    target = quoted("targetname")
    if (target == "__indirect_call") { target = file " table"; tables[file] = 1 } else named[target] = 1
    source = quoted("sourcename")
    calls[source] = calls[source] (calls[source] == "" ? "" : SUBSEP) target
}

function hex(digits,    value, i) {
    for (i = 1; i <= length(digits); i++) value = value * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
    return value
}

END {
    for (name in frame) if (name ~ /:/ && !(name in named) && owner[name] in tables) {
        table = owner[name] " table"
        calls[table] = calls[table] (calls[table] == "" ? "" : SUBSEP) name
    }
    # An interrupt stands on top of the deepest call: what the processor pushes and the deepest handler. Library divisions
    # have no account: allow for one.
    exception = 40
    library = 112
    interrupt = deepest("hal_uart_isr")
    if (deepest("hal_wake_isr") > interrupt) interrupt = depth["hal_wake_isr"]
    worst = deepest("core_start") + library + exception + interrupt
    for (name = "core_start"; name != ""; name = next_of[name]) chain = chain (chain == "" ? "" : " > ") substr(name, 1 + match(name, /:[^:]*$/))
    room = hex(stack_top) - hex(stack_end)
    printf "%s: text %d data %d bss %d bytes; worst stack %d of %d: %s\n", family, text_bytes, data_bytes, bss_bytes, worst, room, chain
    if (worst > room || frame["core_main"] == "") { print family ": the stack does not fit" > "/dev/stderr"; failed = 1 }
    exit failed
}
