# The far end of a session: a loop in POSIX sh that takes framed requests on stdin and answers with framed output.
#
# It is sent over stdin after login (`boot.ts` strips comments and puts the values of `a_nonce`, `a_key` and `a_id` in
# front) and evaluated by whatever `sh` is there: dash, busybox, bash, mksh. What it needs besides builtins: cat, dd,
# id, kill, mkdir, mkfifo, mv, rm, sleep; chmod and chown for files. Used where there, with another way where not:
# /proc and setsid (else process groups by `set -m`), sha256sum (else shasum, openssl, else cmp), stat -c (else mode and
# owner are set each time), find (else all scripts go when they are too many), sync, sudo.
#
# Requests are lines, bulk follows its line as raw bytes; `request.ts` writes them. Values are only ever read into
# variables and exported: nothing that came as a value is parsed by the shell.
#   run SEQ write|compare|show  then: v NAME=VALUE, + next line of it, f DIGEST MODE OWNER GROUP PATH, x DIGEST NAME,
#                             p sh|/bin/sh (its interpreter, and whoever starts it may read it instead), s LINE of the script where it
#                             is new and short (t: without a newline after it), j JSON, b inputs|script LENGTH and the bytes, along; then: go; after `along`
#                             what `give` says of each file follows at once, up to `given`
#   give INDEX|script LENGTH  and the bytes, an answer to `need`; then: given
#   keep DIGEST NAME LENGTH   and the bytes of a script, for requests to come
#   looks FIRST LAST LENGTH   and the bytes of several such requests without bulk of their own, none of which writes, and the
#                             line `all`; they are carried out one after the other
#   kill SEQ GRACE            ends the run in flight when its number is no higher: TERM, KILL after so many seconds; what
#                             was sent together with it is not begun, up to that number
#   up / down                 starts the same loop under sudo as a child on the same stdin, and ends it
#   bye
# Answers are marks: the nonce, which begins with a byte that hardly anybody writes (RS), words, and a newline. Between `start` and `end` what stands between marks is what
# the script wrote: to stdout on stdout, to stderr on stderr. `end SEQ EXIT|- killed|- [alone]`: alone, where no script ran and
# so nothing of it comes on stderr.
#
# Each script is a session of its own, or has that of a leader to itself. Its stdout and stderr go through pipes with a `cat`
# each, so a process that is left behind with a pipe cannot write into a later run, and a script that makes its stdout
# non-blocking does not harm this loop.
# A `cat` that is at the end of its pipe, as nobody has it any more, waits for the next run to open it; one that is not is left to
# whoever holds it (`a_settle`). Scripts of one `looks` share pipes as long as nothing that they began is left behind.

# Those of requests that were sent together are said together, before anything else is.
a_mark() {
  if [ "$a_joint" ]; then a_said="$a_said$a_nonce $*$a_nl"; else printf '%s %s\n' "$a_nonce" "$*"; fi
}

a_spill() {
  [ -z "$a_said" ] || printf %s "$a_said"
  [ -z "$a_said_too" ] || printf %s "$a_said_too" >&5
  a_said= a_said_too=
}

# The end of a request that no script ran for. Nobody may read on stdin for us any more when the last one is told.
a_over() {
  [ "$a_seq" -lt "$a_upto" ] || a_unwatch
  a_mark end "$a_seq" "$1" "$2" alone
}

# What /proc says about process $1: a_state, a_sid, a_start. Fails when there is none.
a_look() {
  a_line=
  while read -r a_part || [ "$a_part" ]; do a_line="$a_line$a_part "; done 2>/dev/null <"/proc/$1/stat" || return 1
  [ "$a_line" ] || return 1
  set -- ${a_line##*) }
  a_state=$1 a_sid=$4 a_start=${20}
}

# The living processes of session $1 that are ours to end, in a_pids. Fails when there is none.
a_members() {
  a_pids=
  if [ "$a_proc" ]; then
    for a_p in /proc/[0-9]*; do
      a_p=${a_p#/proc/}
      a_look "$a_p" && [ "$a_sid" = "$1" ] || continue
      case $a_state in Z | X) continue ;; esac
      ! kill -0 "$a_p" 2>/dev/null || a_pids="$a_pids $a_p"
    done
  else
    kill -0 "-$1" 2>/dev/null && a_pids=-$1
    kill -0 "$1" 2>/dev/null && a_pids="$a_pids $1"
  fi
  [ "$a_pids" ]
}

# Whether one of those in a_pids lives on; looks at these only, as there may be thousands of others.
a_still() {
  [ "$a_proc" ] || { a_members "$1"; return; }
  for a_p in $a_pids; do
    a_look "$a_p" && [ "$a_sid" = "$1" ] || continue
    case $a_state in Z | X) ;; *) return 0 ;; esac
  done
  return 1
}

a_nap() { sleep 0.1 2>/dev/null || sleep 1; }

# Ends session $1: TERM, then KILL after $2 seconds. Fails when something of it is still there afterwards.
a_end() {
  a_members "$1" || return 0
  a_tries=$(($2 * 10))
  if [ "$a_tries" -gt 0 ]; then
    kill -s TERM $a_pids 2>/dev/null
    kill -s CONT $a_pids 2>/dev/null
  fi
  while [ "$a_tries" -gt 0 ]; do
    a_nap
    a_still "$1" || a_members "$1" || return 0
    a_tries=$((a_tries - 1))
  done
  a_tries=50
  while a_members "$1"; do
    [ "$a_tries" -gt 0 ] || return 1
    kill -s KILL $a_pids 2>/dev/null
    a_tries=$((a_tries - 1))
    a_nap
  done
}

# --- What an earlier session may have left in directory $1, ended before anything new starts. --------------------------
# A loop is stopped first, so that it begins nothing more, and ended last: what forwards the streams of a script is there until the
# script is through with its last words.
a_fence() {
  a_stuck=
  for a_f in "$1"/*.loop; do
    ! a_is_loop "$a_f" || kill -s STOP "$a_pid" 2>/dev/null
  done
  for a_f in "$1"/*.run; do
    a_recorded "$a_f" || continue
    # The leader may be gone while others of its session live on; those are known by a word in their environment.
    # A process that has its number now and began later is another one.
    if a_look "$a_pid"; then
      [ "$a_start" -le "$a_was" ] || continue
    else
      a_members "$a_pid" || continue
      a_ours=
      for a_p in $a_pids; do grep -qs "ANNEAL_SLOT=$a_key" "/proc/$a_p/environ" && a_ours=1; done
      [ "$a_ours" ] || continue
    fi
    a_end "$a_pid" 5 || a_stuck=1
  done
  for a_f in "$1"/*.loop; do
    a_is_loop "$a_f" || continue
    if [ "$a_sid" = "$a_pid" ]; then a_end "$a_pid" 0; else kill -s KILL "$a_pid" 2>/dev/null; fi
  done
  [ -z "$a_stuck" ] || return 1
  for a_f in "$1"/*.up; do
    a_when=
    [ -s "$a_f" ] && read -r a_when <"$a_f" && [ "$a_when" = "$a_booted" ] && a_left=root
  done
  return 0
}

# What file $1 says of a process that began since the machine did, in a_pid and a_was.
a_recorded() {
  a_pid= a_was= a_when=
  [ -s "$1" ] && read -r a_pid a_was a_when <"$1" && [ "$a_when" = "$a_booted" ]
}

a_is_loop() {
  a_recorded "$1" && a_look "$a_pid" && [ "$a_start" = "$a_was" ]
}

# --- A private place: ours, 0700, not a link. In memory where there is one, as inputs may be secret. --------------------
a_place() {
  case $a_uid in
    0) set -- /run/anneal /dev/shm/anneal-0 /var/tmp/anneal-0 /tmp/anneal-0 ;;
    *) set -- "/run/user/$a_uid/anneal" "/dev/shm/anneal-$a_uid" "${HOME:-/nonexistent}/.cache/anneal" "/tmp/anneal-$a_uid" ;;
  esac
  a_left=
  for a_d; do
    a_fence "$a_d/$a_key" || { a_mark stuck; return 1; }
  done
  for a_d; do
    if [ ! -d "$a_d" ]; then
      case $a_d in */.cache/anneal) mkdir -p "${a_d%/*}" ;; esac
      mkdir -m 700 "$a_d"
    fi
    [ -d "$a_d" ] && [ ! -L "$a_d" ] && [ -O "$a_d" ] && [ -w "$a_d" ] && chmod 700 "$a_d" 2>/dev/null || continue
    a_dir=$a_d a_slot=$a_d/$a_key
    mkdir -p "$a_dir/c" "$a_slot" 2>/dev/null || continue
    rm -rf "$a_slot"/*.loop "$a_slot"/*.run "$a_slot"/*-* "$a_slot"/*.fifo 2>/dev/null
    a_pipes && return 0
  done
  a_mark nowhere "$@"
  return 1
}

a_pipes() {
  a_pair=$((a_pair + 1))
  a_o=$a_slot/$a_id-$a_pair.o.fifo a_e=$a_slot/$a_id-$a_pair.e.fifo
  set -- "$a_o" "$a_e"
  # Those of a leader, too.
  [ "$a_pair" -gt 1 ] || set -- "$@" "$a_slot/$a_id-ask.fifo" "$a_slot/$a_id-told.fifo"
  mkfifo "$@" 2>/dev/null
}

# --- One request ----------------------------------------------------------------------------------------------------------
a_run() {
  a_fresh "$@"
  a_upto=$1
  set --
  while :; do
    IFS= read -r a_l || exit 0
    case $a_l in
      'x '*) a_script=${a_l#x } ;;
      's '*) a_text="$a_text${a_l#s }$a_nl"; continue ;;
      't '*) a_text="$a_text${a_l#t }"; continue ;;
      'b '*) a_bulk ${a_l#b }; continue ;;
      along) a_along=1; continue ;;
      go) break ;;
    esac
    set -- "$@" "$a_l"
  done
  [ -z "$a_text" ] || a_put_down
  a_keep
  a_hear "$@" go
}

a_fresh() {
  a_seq=$1 a_mode=$2 a_n=0 a_script= a_plain= a_text= a_json= a_along= a_v= a_why= a_changed= a_at=-
  a_in=$a_slot/$a_id-$a_seq.in a_out=$a_slot/$a_id-$a_seq.out a_kill=$a_slot/$a_id-$a_seq.kill
}

# The lines of one request, or of several.
a_hear() {
  a_heard=
  for a_l; do
    # The list of lines is taken; from here on the variables of one request stand in its place.
    [ "$a_heard" ] || set --
    a_heard=1
    case $a_l in
      '+ '*) a_v="$a_v$a_nl${a_l#+ }"; continue ;;
    esac
    if [ "$a_v" ]; then set -- "$@" "$a_v"; a_v=; fi
    case $a_l in
      'run '*) a_fresh ${a_l#run } ;;
      'v '*) a_v=${a_l#v } ;;
      'f '*) eval "a_f$a_n=\${a_l#f }"; a_n=$((a_n + 1)) ;;
      'x '*) a_script=${a_l#x } ;;
      'p '*) a_plain=${a_l#p } ;;
      'j '*) a_json=${a_l#j } ;;
      go) a_carry "$@"; set -- ;;
    esac
  done
}

a_carry() {
  a_settle
  if a_is_ended; then a_pass; a_over - killed; return; fi
  if [ "$a_why" ] || ! a_files; then a_pass; a_refuse; return; fi
  a_pass
  if [ -z "$a_script" ]; then a_over 0 -; return; fi
  a_need <&6 || return
  if [ "$a_json" ] && ! a_write '%s\n' "$a_json" "$a_in"; then a_refuse; return; fi
  if ! a_write '' '' "$a_out"; then a_refuse; return; fi
  # First told, then asked: whoever ends it has seen the one or is seen by the other.
  if ! a_write '%s\n' "$a_seq" "$a_slot/$a_id-now"; then a_refuse; return; fi
  if a_is_ended; then a_over - killed; return; fi
  a_begin "$@"
}

a_is_ended() {
  a_until=0
  [ ! -s "$a_slot/$a_id-until" ] || read -r a_until <"$a_slot/$a_id-until"
  [ "$a_seq" -le "$a_until" ]
}

# A process of its own only where there is a reason to hear.
a_write() {
  printf "$1" "$2" >"$3" || a_why=$( (printf "$1" "$2" >"$3") 2>&1)
}

# What came along and was not taken.
a_pass() {
  [ "$a_along" ] || return 0
  a_along=
  while IFS= read -r a_l; do
    case $a_l in given) return ;; 'give '*) a_bytes "${a_l##* }" >/dev/null ;; esac
  done
  exit 0
}

# All lines are taken in at once, as a line that is read costs a system call for each of its bytes. Half of them is nothing.
a_looks() {
  a_upto=$2 a_patience=550
  set -f
  IFS=$a_nl
  if [ "$a_whole" ]; then
    set -- $(LC_ALL=C dd bs="$3" count=1 iflag=fullblock 2>/dev/null)
  else
    set -- $(a_bytes "$3")
  fi
  unset IFS
  set +f
  [ $# -gt 0 ] || exit 0
  eval "a_l=\${$#}"
  [ "$a_l" = all ] || exit 0
  a_ahead "$@"
  a_joint=1
  a_hear "$@"
  a_unwatch
  a_spill
  a_looked= a_joint=
  a_apart
  a_patience=0
}

# All files that are compared, looked at in two calls instead of two for each request, and all scripts that are new.
a_ahead() {
  a_heard= a_scripts=0 a_texts=0 a_text=
  for a_l; do
    [ "$a_heard" ] || set --
    a_heard=1
    case $a_l in
      'x '*) a_script=${a_l#x } a_scripts=$((a_scripts + 1)) ;;
      's '*) a_text="$a_text${a_l#s }$a_nl" ;;
      't '*) a_text="$a_text${a_l#t }" ;;
      'j '*)
        [ "$a_text" ] || continue
        eval "a_name$a_texts=\$a_script a_text$a_texts=\$a_text"
        a_texts=$((a_texts + 1)) a_text=
        ;;
      'f '*)
        a_f0=${a_l#f }
        a_file 0
        if [ -f "$a_path" ] && [ ! -L "$a_path" ]; then set -- "$@" "$a_path"; fi
        ;;
    esac
  done
  [ "$a_texts" -eq 0 ] || a_put_all_down
  # More than the arguments of a command could hold, perhaps.
  [ $# -gt 1 ] && [ $# -lt 400 ] || return
  a_look_at "$@"
  a_looked=1
}

# Digests and rights of files, in a_sums and a_stats.
a_look_at() {
  a_sums= a_stats=
  if [ $# -gt 0 ]; then
    case $a_sum in
      openssl) a_sums=$(openssl dgst -sha256 -r "$@" 2>/dev/null) ;;
      none) ;;
      *) a_sums=$($a_sum "$@" 2>/dev/null) ;;
    esac
    [ -z "$a_stat" ] || a_stats=$(stat -c "$a_stat" "$@" 2>/dev/null)
  fi
  a_sums="$a_nl$a_sums$a_nl" a_stats="$a_nl$a_stats$a_nl"
}

a_refuse() {
  a_mark refuse "$a_seq" "$a_at"
  a_spill
  printf '%s' "$a_why"
  a_over - -
}

# $2 bytes from stdin to a file, all of them taken off stdin even when the file cannot hold them.
a_bulk() {
  if [ "$1" = script ]; then
    a_fetch "$2"
  else
    a_why=$(a_take "$2" "$a_in" 2>&1) || rm -f "$a_in"
  fi
}

# A script, into a directory of its own. It is kept when another line has come after it: only then has all of it come.
a_fetch() {
  a_taken=
  if ! a_room; then
    a_why=${a_why:-cannot write}
    a_bytes "$1" >/dev/null
    return
  fi
  a_temp=$a_slot/$a_id-room$a_roomed/${a_script#* }
  if a_stage "$1" notrunc; then a_taken=${a_temp%/*} a_why=; else a_why=${a_why:-cannot write}; fi
}

# The same of one that came in lines, which takes no process.
a_put_down() {
  if ! a_room; then a_why=${a_why:-cannot write}; return; fi
  a_taken=$a_slot/$a_id-room$a_roomed
  a_write %s "$a_text" "$a_taken/${a_script#* }" || a_taken=
}

# All that came in lines with what looks, kept in two calls. One that cannot be kept is asked for.
a_put_all_down() {
  set --
  a_i=0
  while [ "$a_i" -lt "$a_texts" ]; do
    eval "a_script=\$a_name$a_i"
    [ -e "$a_dir/c/${a_script% *}" ] || set -- "$@" "$a_slot/$a_id-new/${a_script% *}"
    a_i=$((a_i + 1))
  done
  [ $# -gt 0 ] && mkdir -p "$@" || return
  a_i=0
  while [ "$a_i" -lt "$a_texts" ]; do
    eval "a_script=\$a_name$a_i a_text=\$a_text$a_i"
    a_where=$a_slot/$a_id-new/${a_script% *}
    [ ! -d "$a_where" ] || printf %s "$a_text" >"$a_where/${a_script#* }" || rm -rf "$a_where"
    a_i=$((a_i + 1))
  done
  mv "$@" "$a_dir/c"
}

# A directory that is there already: some are made at once.
a_room() {
  a_roomed=$((a_roomed + 1))
  [ "$a_roomed" -gt "$a_rooms" ] || return 0
  set --
  while [ $# -lt 6 ]; do
    a_rooms=$((a_rooms + 1))
    set -- "$@" "$a_slot/$a_id-room$a_rooms"
  done
  mkdir "$@" && return
  a_roomed=$a_rooms
  a_why=$(mkdir "$@" 2>&1)
}

a_keep() {
  [ "$a_taken" ] || return 0
  a_where=$a_dir/c/${a_script% *}
  set -- "$a_taken" "$a_where"
  [ ! -d "$a_where" ] || set -- "$a_taken/${a_script#* }" "$a_where/${a_script#* }"
  a_taken=
  mv -f "$@" || a_why=$(mv -f "$@" 2>&1) || a_why=${a_why:-mv failed}
}

a_take() {
  a_bytes "$1" | {
    set -C
    LC_ALL=C cat >"$2" && exit 0
    cat >/dev/null
    exit 1
  }
}

# Exactly $1 bytes of stdin. `head -c` of busybox reads ahead, and a plain dd counts short reads as blocks.
a_bytes() {
  if [ "$a_whole" ]; then
    [ "$1" -lt 65536 ] || dd bs=65536 count=$(($1 / 65536)) iflag=fullblock 2>/dev/null
    [ $(($1 % 65536)) -eq 0 ] || dd bs=$(($1 % 65536)) count=1 iflag=fullblock 2>/dev/null
  else
    dd bs=1 count="$1" 2>/dev/null
  fi
}

# The script itself, when the cache here has lost it.
a_need() {
  a_file=$a_dir/c/${a_script% *}/${a_script#* }
  while [ ! -f "$a_file" ]; do
    # What comes on stdin is ours for now.
    a_unwatch
    a_mark need "$a_seq" script
    a_spill
    while :; do
      IFS= read -r a_l || exit 0
      case $a_l in
        'give script '*) break ;;
        'kill '*) set -- $a_l; printf '%s\n' "$2" >"$a_slot/$a_id-until" ;;
      esac
    done
    a_bulk script "${a_l##* }"
    IFS= read -r a_l || exit 0
    a_keep
    [ -z "$a_why" ] || { a_refuse; return 1; }
  done
  a_arg= a_int=${a_plain:-sh}
  [ -z "$a_plain" ] || return 0
  IFS= read -r a_l <"$a_file"
  case $a_l in
    '#!'*"$a_cr") a_why="the #! line of ${a_script#* } ends in a carriage return (it was written with Windows line ends)"
      a_refuse; return 1 ;;
    '#!'*)
      read -r a_int a_arg <<INT
${a_l#??}
INT
      ;;
  esac
}

# --- Files: looked at in two calls, staged beside their places, renamed when all are whole. -------------------------------
a_files() {
  [ "$a_n" -gt 0 ] || return 0
  if [ -z "$a_looked" ]; then
    set --
    a_i=0
    while [ "$a_i" -lt "$a_n" ]; do
      a_file "$a_i"
      if [ -f "$a_path" ] && [ ! -L "$a_path" ]; then set -- "$@" "$a_path"; fi
      a_i=$((a_i + 1))
    done
    a_look_at "$@"
  fi
  a_wanted= a_mend=
  a_i=0
  while [ "$a_i" -lt "$a_n" ]; do
    a_file "$a_i"
    a_differs
    case $a_what in
      '') ;;
      *kind*) if [ "$a_mode" = write ]; then a_at=$a_i a_why='it is there, but not as a regular file'; return 1; fi ;;
      *absent* | *content*) a_wanted="$a_wanted $a_i" ;;
      *) a_mend="$a_mend $a_i" ;;
    esac
    if [ "$a_what" ]; then
      eval "a_w$a_i=\$a_what"
      if [ "$a_mode" != write ]; then a_say; a_found; fi
    fi
    a_i=$((a_i + 1))
  done
  [ "$a_mode" = write ] || return 0
  [ -z "$a_wanted" ] || a_put || return 1
  for a_i in $a_mend; do
    a_file "$a_i"
    a_why=$(a_own "$a_path" 2>&1) || { a_at=$a_i; return 1; }
    a_say
  done
  a_why=
}

a_file() {
  eval "a_r=\$a_f$1"
  a_digest=${a_r%% *} a_r=${a_r#* }
  a_perm=${a_r%% *} a_r=${a_r#* }
  a_owner=${a_r%% *} a_r=${a_r#* }
  a_group=${a_r%% *} a_path=${a_r#* }
}

a_differs() {
  a_what=
  if [ -L "$a_path" ]; then
    if [ "$a_mode" = write ]; then a_what=' content'; else a_what=' link'; fi
    return
  fi
  if [ ! -e "$a_path" ]; then a_what=' absent'; return; fi
  if [ ! -f "$a_path" ]; then a_what=' kind'; return; fi
  case $a_sums in
    *"$a_nl$a_digest  $a_path$a_nl"* | *"$a_nl$a_digest *$a_path$a_nl"*) ;;
    *) a_what=' content' ;;
  esac
  [ "$a_stat" ] || return
  case $a_stats in *"${a_nl}m $a_perm $a_path$a_nl"*) ;; *) a_what="$a_what mode" ;; esac
  case $a_stats in *"${a_nl}o $a_owner $a_path$a_nl"*) ;; *) a_what="$a_what owner" ;; esac
  case $a_stats in *"${a_nl}g $a_group $a_path$a_nl"*) ;; *) a_what="$a_what group" ;; esac
}

a_say() {
  eval "a_what=\$a_w$a_i"
  a_mark file "$a_seq" "$a_i$a_what"
  a_changed="$a_changed${a_changed:+$a_nl}$a_path"
}

# What stands there instead: `found` with whether its bytes follow, up to the next mark, and mode, owner and group.
a_found() {
  [ "$a_mode" = show ] || return 0
  case $a_what in *absent* | *kind* | *link*) return 0 ;; esac
  a_v=
  [ -z "$a_stat" ] || a_v=$(stat -c '%a|%U|%G' "$a_path" 2>/dev/null)
  case $a_what in
    *content*) if [ -r "$a_path" ]; then a_follow=bytes; else a_follow=-; fi ;;
    *) a_follow=- ;;
  esac
  a_mark found "$a_seq" "$a_i" "$a_follow" "$a_v"
  a_v=
  [ "$a_follow" = - ] || a_spill
  [ "$a_follow" = - ] || dd if="$a_path" bs=65536 count=5 2>/dev/null
}

# Stages what came along and what is asked for, then renames all.
a_put() {
  a_temps= a_dry=
  if [ "$a_along" ]; then
    a_given
    a_along=
  fi
  set --
  for a_i in $a_wanted; do
    case "$a_temps " in *" $a_i "*) ;; *) set -- "$@" "$a_i" ;; esac
  done
  if [ -z "$a_why" ] && [ $# -gt 0 ]; then
    a_mark need "$a_seq" "$@"
    a_given <&6
  fi
  if [ "$a_why" ]; then a_drop; return 1; fi
  [ -z "$a_dry" ] || a_flush
  for a_i in $a_temps; do
    a_file "$a_i"
    a_temp=${a_path%/*}/.anneal-$a_id-$a_i
    if [ "$a_sum" = none ] && [ ! -L "$a_path" ] && cmp -s "$a_temp" "$a_path"; then
      rm -f "$a_temp"
      a_own "$a_path" 2>/dev/null
      continue
    fi
    if [ -L "$a_path" ] && [ -d "$a_path" ]; then rm -f "$a_path"; fi
    # A process of its own to hear it only where there is a reason.
    LC_ALL=C mv -f "$a_temp" "$a_path" || a_why=$(LC_ALL=C mv -f "$a_temp" "$a_path" 2>&1) || { a_at=$a_i; a_drop; return 1; }
    [ ! -e /sys/fs/selinux/enforce ] || restorecon "$a_path" 2>/dev/null
    a_say
  done
  a_why=
}

# The bytes of files, up to `given`; those that nobody wants are passed over.
a_given() {
  while :; do
    IFS= read -r a_l || { a_drop; exit 0; }
    case $a_l in given) return ;; 'give '*) ;; *) continue ;; esac
    a_l=${a_l#give }
    a_file "${a_l% *}"
    a_temp=${a_path%/*}/.anneal-$a_id-${a_l% *}
    case "$a_wanted " in *" ${a_l% *} "*) ;; *) a_bytes "${a_l#* }" >/dev/null; continue ;; esac
    if [ -z "$a_why" ] && [ ! -d "${a_path%/*}/" ]; then
      a_at=${a_l% *}
      a_why=$( (umask 022 && LC_ALL=C mkdir -p "${a_path%/*}") 2>&1)
    fi
    if [ "$a_why" ]; then
      a_bytes "${a_l#* }" >/dev/null
      continue
    fi
    a_temps="$a_temps ${a_l% *}" a_at=${a_l% *}
    if a_stage "${a_l#* }" && { a_own "$a_temp" || a_why=$(a_own "$a_temp" 2>&1); }; then
      a_why=
    else
      a_why=${a_why:-cannot write}
    fi
  done
}

# $1 bytes to a new file. One dd takes, writes and flushes them (or not, with $2) where they are not many; else they are flushed
# later.
a_stage() {
  if [ -z "$a_once" ] || [ "$1" -eq 0 ] || [ "$1" -gt 1048576 ]; then
    a_dry=1
    a_why=$(a_take "$1" "$a_temp" 2>&1)
    return
  fi
  a_got=
  set -C
  { a_got=1; LC_ALL=C dd bs="$1" count=1 iflag=fullblock conv="${2:-fsync}" status=none 2>|"$a_slot/$a_id-why"; } >"$a_temp"
  a_rc=$?
  set +C
  [ "$a_rc" -ne 0 ] || return 0
  # What could not be opened took nothing off stdin.
  if [ -z "$a_got" ]; then
    a_why=$( (set -C; LC_ALL=C; printf '' >"$a_temp") 2>&1)
    a_bytes "$1" >/dev/null
  else
    IFS= read -r a_why <"$a_slot/$a_id-why"
  fi
  return 1
}

# A new file that is ours already, as the login's group has it, need not be given to us.
a_own() {
  case $a_uid:$a_owner:$a_group in
    0:root:root | 0:0:0) [ -O "$1" ] && [ -G "$1" ] && [ "$a_gid" -eq 0 ] || LC_ALL=C chown "$a_owner:$a_group" "$1" || return ;;
    *) LC_ALL=C chown "$a_owner:$a_group" "$1" || return ;;
  esac
  LC_ALL=C chmod "$a_perm" "$1"
}

# What was staged reaches the disk before it takes a file's place.
a_flush() {
  set --
  for a_i in $a_temps; do
    a_file "$a_i"
    set -- "$@" "${a_path%/*}/.anneal-$a_id-$a_i"
  done
  sync "$@" 2>/dev/null || sync 2>/dev/null
}

a_drop() {
  for a_i in $a_temps; do
    a_file "$a_i"
    rm -f "${a_path%/*}/.anneal-$a_id-$a_i"
  done
}

# --- The script ---------------------------------------------------------------------------------------------------------
# While it runs, stdout and 5 are its pipes, so that all that is said goes the same way and comes in order.
a_begin() {
  if [ -z "$a_shared" ]; then
    a_forward
    exec 8>&5 >"$a_o" 5>"$a_e"
    a_shared=1 a_spoken=1
  fi
  printf '%s%s\n' "$a_said" "$a_nonce start $a_seq"
  printf '%s%s\n' "$a_said_too" "$a_nonce start $a_seq" >&5
  a_said= a_said_too=
  if [ -z "$a_w" ]; then a_watch & a_w=$!; fi
  a_stayed= a_is_led=
  if a_may_lead "$@"; then
    a_is_led=1
    a_led "$@"
  elif [ "$a_setsid" ]; then
    # In the foreground: an asynchronous list would start the script with INT and QUIT ignored for good.
    (
      a_self
      printf '%s\n' "$a_pid $a_start $a_booted" >"$a_record" || exit 126
      eval "$a_exec"
    ) </dev/null >"$a_o" 2>"$a_e" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
    a_rc=$?
    [ -z "$a_joint" ] || a_remains
  else
    set -m
    eval "$a_exec" </dev/null >"$a_o" 2>"$a_e" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- & a_pid=$!
    set +m
    printf '%s\n' "$a_pid - $a_booted" >"$a_record"
    wait "$a_pid"
    a_rc=$?
    [ -z "$a_joint" ] || a_remains
  fi
  a_killed=-
  if [ -s "$a_kill" ]; then a_killed=killed; a_struck; fi
  [ "$a_seq" -lt "$a_upto" ] || a_unwatch
  printf '' >"$a_record"
  # Who was about to end it has its leader, who is not to be ended with the next one.
  if [ "$a_is_led" ] && [ "$a_killed" = - ] && [ -s "$a_kill" ]; then a_killed=killed; a_unlead; fi
  printf '' >"$a_in"
  if [ -f "$a_out" ] && [ -s "$a_out" ]; then
    a_mark outputs "$a_seq"
    a_spill
    dd if="$a_out" bs=65536 count=17 2>/dev/null
  fi
  a_last=$a_seq a_ended="$a_rc $a_killed"
  a_mark end "$a_seq" "$a_rc" "$a_killed"
  if [ "$a_joint" ]; then
    a_said_too="$a_said_too$a_nonce end $a_seq$a_nl"
    # Something of it lives on, and could write into what comes next.
    [ -z "$a_stayed" ] || a_apart
  else
    printf '%s\n' "$a_nonce end $a_seq" >&5
    a_apart
  fi
}

# Whether something of the process group of the script that is over lives on, in a_stayed.
a_remains() {
  read -r a_pid a_part <"$a_record"
  ! kill -0 "-$a_pid" 2>/dev/null || a_stayed=1
}

# A forwarder for each of the two pipes, if there are none. Where they can be tied to us, so that none is left waiting when we
# are gone, one pair serves many runs: each time `cat` is through with a pipe it opens the next one, which is the same.
a_forward() {
  [ -z "$a_c1" ] || return 0
  if [ -z "$a_tied" ]; then
    a_tied=-
    [ -z "$a_proc" ] || ! setpriv --pdeathsig KILL true 2>/dev/null </dev/null >&2 || a_tied='setpriv --pdeathsig KILL'
  fi
  a_used=0
  a_cat "$a_o" >&7 5>&- 6>&- 7>&- & a_c1=$!
  a_cat "$a_e" >&5 5>&- 6>&- 7>&- & a_c2=$!
}

a_cat() {
  [ "$a_tied" != - ] || exec cat "$1"
  set -- "$1" "$1" "$1" "$1" "$1" "$1" "$1" "$1"
  set -- "$@" "$@" "$@" "$@" "$@" "$@" "$@" "$@"
  exec $a_tied cat "$@"
}

# The end of pipes that one script has had, or several: what is said goes straight out again.
a_apart() {
  [ "$a_shared" ] || return 0
  a_spill
  a_shared= a_open=
  exec >&7 5>&8 8>&- 3>&- 4>&-
}

# --- A leader: a shell that is a session of its own and starts the scripts that look, one after the other. ------------------
# A session costs a process, and a shell that reads a script is another; scripts that look again and again would pay for both each
# time. So those that were sent together are begun by a leader, which reads itself what is plain sh. Nothing of one is in its session when the next one begins: who stays behind keeps that session,
# and the next one gets another leader.
#
# It takes lines from one pipe and tells exit codes on another. `kill 0` of a script reaches it, too, and it goes on; what is
# ended with its script ends it. Where we die, it is ended by the kernel.
a_leader='
trap : HUP INT QUIT USR1 USR2 PIPE ALRM
trap "[ ! -s \"\$a_at-\$a_seq.kill\" ] || exit" TERM
a_at=$1 a_cache=$2 a_key=$3 a_setsid=
while :; do
  exec 3<"$a_at-ask.fifo" 4>"$a_at-told.fifo"
  set --
  a_changed= a_arg=
  while IFS= read -r a_l <&3; do
    case $a_l in
      "v "*) set -- "$@" "${a_l#v }" ;;
      "c "*) a_changed=${a_l#c } ;;
      "i "*) a_int=${a_l#i } ;;
      "a "*) a_arg=${a_l#a } ;;
      "f "*) a_file=$a_cache/${a_l#f } ;;
      "go "*)
        a_seq=${a_l#go } a_pair=${a_seq#* } a_seq=${a_seq% *}
        a_in=$a_at-$a_seq.in a_out=$a_at-$a_seq.out
        (eval "$a_exec") </dev/null >"$a_at-$a_pair.o.fifo" 2>"$a_at-$a_pair.e.fifo" 3<&- 4>&-
        a_rc=$?
        [ ! -s "$a_at-$a_seq.kill" ] || exit
        printf "%s\n" "$a_rc" >&4
        set --
        a_changed= a_arg=
        ;;
    esac
  done
done'

# By eval, here and in a leader: how a script is started, with its variables as arguments.
a_exec='for a_v; do export "$a_v"; done
ANNEAL_INPUTS=$a_in ANNEAL_OUTPUTS=$a_out ANNEAL_CHANGED_FILES=$a_changed ANNEAL_SLOT=$a_key
export ANNEAL_INPUTS ANNEAL_OUTPUTS ANNEAL_CHANGED_FILES ANNEAL_SLOT
umask 022
cd /
[ "$a_int" != . ] || { set --; . "$a_file"; exit; }
exec $a_setsid "$a_int" ${a_arg:+"$a_arg"} "$a_file"'

# Whether this script is for the leader, which is begun where there is none. Values with newlines are no lines, and long ones
# take longer to be read than a session takes.
a_may_lead() {
  [ "$a_joint" ] && [ "$a_lead" != - ] || return 1
  # To begin one costs about as much as three scripts do.
  [ "$a_first" ] || a_first=$a_upto
  [ "$a_lead" ] || [ "$a_first" != "$a_upto" ] || [ "$a_scripts" -gt 2 ] || return 1
  a_l="$*$a_changed"
  case $a_l in *"$a_nl"*) return 1 ;; esac
  [ "${#a_l}" -lt 1500 ] || return 1
  [ -z "$a_lead" ] || [ -e "/proc/$a_lead/fd/0" ] || a_unlead
  [ "$a_lead" ] || a_lead
}

# Where signals, the end of ours and the numbers of processes can be had as it takes them; else never.
a_lead() {
  if [ -z "$a_leads" ]; then
    a_leads="env --default-signal=INT,QUIT"
    if [ -z "$a_clock" ] || [ "$a_tied" = - ] || [ -z "$a_setsid" ] || ! $a_leads true </dev/null >/dev/null; then
      a_lead=-
      return 1
    fi
    # What a script that it reads leaves behind is known by the word in its environment.
    a_leads="$a_leads ANNEAL_SLOT=$a_key $a_tied $a_setsid sh"
    [ ! -x /bin/sh ] || a_leads="${a_leads% *} /bin/sh"
  fi
  $a_leads -c "a_exec='$a_exec'$a_nl$a_leader" check "$a_slot/$a_id" "$a_dir/c" "$a_key" </dev/null >/dev/null \
    3>&- 4>&- 5>&- 6>&- 7>&- 8>&- & a_lead=$!
  a_newest || a_newest_pid=0
  if [ "$a_newest_pid" -lt "$a_lead" ] || [ "$a_newest_pid" -gt $((a_lead + 100)) ]; then
    a_unlead
    a_lead=-
    return 1
  fi
  a_time
  a_led_by="$a_lead $a_start $a_booted"
}

a_unlead() {
  case $a_lead in '' | -) return ;; esac
  [ -z "$a_open" ] || exec 3>&- 4>&-
  a_open=
  kill -s KILL "$a_lead"
  wait "$a_lead"
  a_lead=
}

a_led() {
  printf '%s\n' "$a_led_by" >"$a_record"
  if [ -z "$a_open" ]; then
    exec 4<>"$a_slot/$a_id-ask.fifo" 3<"$a_slot/$a_id-told.fifo"
    a_open=1
    a_newest
    a_known_pid=$a_newest_pid
  fi
  [ -z "$a_plain" ] || a_int=.
  a_l=
  for a_v; do a_l="${a_l}v $a_v$a_nl"; done
  printf '%s\n' "$a_l${a_changed:+c $a_changed$a_nl}i $a_int${a_arg:+${a_nl}a $a_arg}${a_nl}f ${a_script% *}/${a_script#* }${a_nl}go $a_seq $a_pair" >&4
  a_rc=
  if ! read -r a_rc <&3; then
    # It is gone: ended with its script, or by it.
    exec 3>&- 4>&-
    a_open=
    wait "$a_lead"
    a_rc=$?
    [ -s "$a_kill" ] || a_end "$a_lead" 0
    a_lead= a_stayed=1
  elif a_stays; then
    a_unlead
    a_stayed=1
  fi
}

# The number that was given to a process last.
a_newest() {
  read -r a_part a_part a_part a_part a_newest_pid </proc/loadavg
}

# Whether something of the leader's session besides it lives on, or may: among those that began since the last look, as there was
# nothing then. Whoever began while we looked is looked at, too.
a_stays() {
  a_budget=200
  while a_newest && [ "$a_newest_pid" != "$a_known_pid" ]; do
    [ "$a_newest_pid" -gt "$a_known_pid" ] || return 0
    a_budget=$((a_budget - a_newest_pid + a_known_pid))
    [ "$a_budget" -ge 0 ] || return 0
    while [ "$a_known_pid" -lt "$a_newest_pid" ]; do
      a_known_pid=$((a_known_pid + 1))
      [ -d "/proc/$a_known_pid" ] && kill -0 "$a_known_pid" || continue
      a_look "$a_known_pid" && [ "$a_sid" = "$a_lead" ] || continue
      case $a_state in Z | X) ;; *) return 0 ;; esac
    done
  done
  return 1
}

# The process that asks, and a time not before it began: the time now, where the clock can be had and is that of `stat`, as its
# own line there is long and each byte of it a system call.
a_self() {
  if [ "$a_clock" ]; then
    set -- /proc/self/task/*
    a_pid=${1##*/}
    a_time
  else
    read -r a_line </proc/self/stat
    a_pid=${a_line%% *}
    set -- ${a_line##*) }
    a_start=${20}
  fi
}

# What time it is, as `stat` counts it: hundredths of a second since the machine began.
a_time() {
  read -r a_start a_part </proc/uptime && a_start=${a_start%.*}${a_start#*.}
}

# Reads stdin while scripts run: only `kill` can come, or the end of the connection.
a_watch() {
  # By exec: a shell keeps copies of what it redirects for a function, and no pipe of a script may stay open here.
  exec <&6 >/dev/null 3>&- 4>&- 5>&- 7>&- 8>&-
  a_until=0
  while [ "$a_until" -lt 999999999 ]; do
    a_grace=5
    if IFS= read -r a_l; then
      case $a_l in 'kill '*) ;; *) continue ;; esac
      set -- $a_l
      a_until=$2 a_grace=$3
    else
      a_until=999999999
    fi
    printf '%s\n' "$a_until" >"$a_slot/$a_id-until"
    a_now
    [ "$a_until" -lt "$a_seq" ] || a_strike
  done
}

# Which run it is, or was last.
a_now() {
  a_seq=
  until read -r a_seq <"$a_slot/$a_id-now" && [ "$a_seq" ]; do a_nap; done
}

# Ends the run in flight, and nothing else: whose process was written down is known as the number is told before that.
a_strike() {
  a_was=$a_seq a_kill=$a_slot/$a_id-$a_seq.kill
  printf 'killed\n' >"$a_kill"
  while [ ! -s "$a_record" ]; do
    a_now
    [ "$a_seq" = "$a_was" ] || return
    a_nap
  done
  read -r a_pid a_part <"$a_record"
  a_now
  [ "$a_seq" = "$a_was" ] || return
  a_end "$a_pid" "$a_grace"
  printf 'ended\n' >>"$a_kill"
}

# Until the watcher is through with what it ends.
a_struck() {
  while [ -s "$a_record" ]; do
    a_part=
    { read -r a_part && a_part= && read -r a_part; } <"$a_kill"
    [ "$a_part" != ended ] || return
    if [ "$a_proc" ]; then a_look "$a_w" && [ "$a_state" != Z ] || return; else kill -0 "$a_w" || return; fi
    a_nap
  done
}

a_unwatch() {
  [ "$a_w" ] || return 0
  kill "$a_w"
  wait "$a_w"
  a_w=
}

# Before the next run: forwarders are through with the last one, unless a process that was left behind holds their pipe. Then
# somebody else reads it, so that the process is not ended by its next write, and new pipes are made.
a_settle() {
  if [ $((a_seq % 32)) -eq 0 ]; then rm -f "$a_slot/$a_id"-*.in "$a_slot/$a_id"-*.out "$a_slot/$a_id"-*.kill; fi
  [ "$a_c1" ] && [ -z "$a_shared" ] || return
  # Nothing went through them since, and nothing will.
  [ "$a_spoken$a_script" ] || return
  a_held= a_gone=
  a_leave "$a_c1" "$a_o" 7 "$a_ended"
  a_leave "$a_c2" "$a_e" 5
  a_used=$((a_used + ${a_spoken:-0}))
  a_spoken=
  if [ "$a_held$a_gone" ] || [ "$a_used" -ge 60 ]; then
    for a_p in "$a_c1" "$a_c2"; do
      case "$a_held " in *" $a_p "*) ;; *) kill "$a_p"; wait "$a_p" ;; esac
    done
    a_c1= a_c2=
  fi
  if [ "$a_held" ]; then
    rm -f "$a_o" "$a_e"
    a_pipes || { a_mark nowhere "$a_slot"; exit 3; }
  fi
}

# Whether forwarder $1 still has a pipe.
a_has() {
  if [ "$a_tied" != - ]; then
    [ -e "/proc/$1/fd/3" ]
  else
    [ -z "$a_proc" ] || { a_look "$1" && [ "$a_state" != Z ]; }
  fi
}

a_leave() {
  # Where no word of ours comes in between, they may not have handed on everything yet: looked at often, then now and then.
  a_tries=20
  while [ "$a_proc" ] && [ "$a_tries" -gt 0 ] && a_has "$1"; do a_tries=$((a_tries - 1)); done
  a_tries=$a_patience
  [ "$a_proc" ] || [ "$a_tries" -eq 0 ] || a_tries=3
  while [ "$a_tries" -gt 0 ] && { [ -z "$a_proc" ] || a_has "$1"; }; do
    [ "$a_tries" -gt 50 ] || a_nap
    a_tries=$((a_tries - 1))
  done
  if a_has "$1"; then
    a_held="$a_held $1"
    exec 9<>"$2"
    exec 8<"$2" 9>&-
    $a_setsid cat <&8 >/dev/null 5>&- 6>&- 7>&- &
    exec 8<&-
    kill "$1"
    wait "$1"
    # It may have been on its way; said twice, it counts once.
    [ "$a_patience" -eq 0 ] || printf '%s\n' "$a_nonce end $a_last $4" >&"$3"
  elif [ "$a_tied" = - ] || [ ! -e "/proc/$1/fd/1" ]; then
    a_gone=1
  fi
}

# A sudo that logs what it passes on makes its streams non-blocking and leaves them so: it gets ends of its own where the
# streams are pipes. (Over a socket they cannot be opened anew.)
a_up() {
  if [ -p /proc/self/fd/0 ] && [ -r /proc/self/fd/0 ] && [ -p /proc/self/fd/1 ] && [ -w /proc/self/fd/1 ] && [ -p /proc/self/fd/5 ] && [ -w /proc/self/fd/5 ]; then
    sudo -n sh -c 'IFS= read -r a; eval "$a"' </proc/self/fd/0 >/proc/self/fd/1 2>/proc/self/fd/5
  else
    sudo -n sh -c 'IFS= read -r a; eval "$a"' 2>&5
  fi
}

# --- The loop -------------------------------------------------------------------------------------------------------------
exec 5>&2 6<&0 7>&1 2>/dev/null
umask 077
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
a_nl='
'
a_cr=$(printf '\r')
a_uid=$(id -u) a_gid=$(id -g)
a_pair=0 a_rooms=0 a_roomed=0 a_taken= a_first= a_lead= a_leads= a_open= a_patience=0 a_looked= a_joint= a_shared= a_spoken= a_script= a_said= a_said_too= a_tied= a_c1= a_c2= a_w= a_proc= a_clock= a_setsid= a_booted=
[ ! -r "/proc/$$/stat" ] || a_proc=1
a_whole=
! dd iflag=fullblock count=0 </dev/null 2>/dev/null || a_whole=1
[ -z "$a_proc" ] || ! command -v setsid >/dev/null || a_setsid=setsid
[ -z "$a_proc" ] || read -r a_booted </proc/sys/kernel/random/boot_id
a_sum=none
for a_try in sha256sum shasum openssl; do
  if command -v "$a_try" >/dev/null; then a_sum=$a_try; break; fi
done
[ "$a_sum" != shasum ] || a_sum='shasum -a 256'
a_stat='m %a %n
o %U %n
o %u %n
g %G %n
g %g %n'
stat -c %a / >/dev/null 2>&1 || a_stat=
a_place || exit 1
a_once=
! dd bs=1 count=0 iflag=fullblock conv=fsync status=none </dev/null 2>/dev/null >"$a_slot/$a_id-once" || a_once=1
a_record=$a_slot/$a_id.run
if [ "$a_proc" ] && a_look $$; then
  printf '%s\n' "$$ $a_start $a_booted" >"$a_slot/$a_id.loop"
  # In some containers the one is counted from the container's beginning and the other from the machine's.
  a_began=$a_start
  a_time && [ "$a_began" -le "$a_start" ] && [ -d "/proc/self/task/$$" ] && a_clock=1
fi

# What came today is what other sessions rely on, who would send it again.
set -- "$a_dir"/c/*/*
if [ $# -gt 400 ]; then
  # Others may clear it at the same time: what find no longer finds is no reason to take all.
  if [ $# -lt 4000 ] && command -v find >/dev/null; then
    find "$a_dir"/c/* -prune -mtime +0 -exec rm -rf {} +
  else
    rm -rf "$a_dir"/c/*
  fi
  set -- "$a_dir"/c/*/*
fi
for a_f; do
  [ ! -f "$a_f" ] || a_mark have "${a_f#"$a_dir"/c/}"
done
a_mark ready "$a_uid" "${a_left:--}"

while IFS= read -r a_l; do
  a_keep
  case $a_l in
    'run '*) a_run ${a_l#run } ;;
    'keep '*)
      a_script=${a_l#keep }
      a_script=${a_script% *}
      a_bulk script "${a_l##* }"
      ;;
    'looks '*) a_looks ${a_l#looks } ;;
    up)
      a_settle
      printf '%s\n' "$a_booted" >"$a_slot/$a_id.up"
      a_up
      a_rc=$?
      # It ended in order by `down` (88) or `bye` (0), or never came to be (1, 127). After anything else what ran there may
      # live on.
      case $a_rc in 0 | 88) rm -f "$a_slot"/*.up ;; 1 | 127) rm -f "$a_slot/$a_id.up" ;; esac
      [ "$a_rc" -ne 0 ] || break
      a_mark down "$a_rc"
      a_mark down "$a_rc" >&5
      if [ "$a_rc" -ne 88 ]; then
        while IFS= read -r a_l && [ "$a_l" != '#end' ]; do :; done
      fi
      ;;
    down) a_seq=0 a_settle; a_unlead; a_rc=88; break ;;
    bye) a_seq=0 a_settle; a_unlead; a_rc=0; break ;;
  esac
done
rm -rf "$a_slot/$a_id"-* "$a_slot/$a_id.loop" "$a_slot/$a_id.run"
exit "${a_rc:-0}"
