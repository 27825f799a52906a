// The one screen that `anneal` alone and `anneal --help` show.

export const HELP = `Anneal brings machines to the state that was asked for, and keeps it there through change.

Usage: anneal [-C DIR] [--server URL] COMMAND ...
  DIR holds anneal.yaml; else the nearest one upwards. URL is that of anneal serve, which on its own machine is found.

  Change
    up              show what would change, ask, commit, anneal to rest
    diff            only show what would change
    simulate        rehearse it on machines that are made up
    propose         put the files on the timeline, to be committed later
    commit, discard [REVISION]
    rollback REVISION   propose what an earlier revision said
    rinse TARGET ...    remove in reverse order and apply afresh
    forget NODE     let a machine go without reaching it
    validate        check the files, change nothing
  Steer, also while another terminal anneals
    retry N/R ...   run node-roles again
    approve TARGET  give your word for what waits for it
    run TARGET ...  run although nothing changed; --only that
    hold, release TARGET ...   start nothing of it; go on
    pause, resume   start nothing at all; go on
    cancel RUN      end a run in flight
    exec SELECTION -- COMMAND ...   a command on some machines
    stop            let the process that anneals finish and end
  Stay
    serve           keep the site annealed, and answer over HTTP
    ui              a link to its page that signs you in
    token create|list|revoke   by which programs come in
  Look
    status          the site at a glance, with what is not as it should be
    why N/R [INPUT] why a node-role is as it is, and where its inputs come from
    files N/R       what its files hold, and what differs from its last success
    trace VALUE     the other way: what a value, a fact or an output goes to
    drift [TARGET]  what machines have otherwise than Anneal left it
    timeline, show REVISION
    watch           follow what another process does
    logs [RUN|N/R]  what a run printed
    runs [N/R]      the latest runs; execs: the commands by exec
    cycles          each disturbance from rest to rest, and whether they get shorter
    cycles show N --critical-path   what its time was made of
    nodes           the machines, and whether they answer
    facts NODE      what was discovered on a machine
    audit           who did what; audit verify, audit export
    secrets         under which key they are sealed; secrets rotate: another key
  Try
    lab ...         real hosts on this machine, to build on and to break
  And
    completion bash|zsh|fish, version, COMMAND --help

Examples
    anneal validate && anneal up
    anneal why web-1/nginx
    anneal status --json | jq 'select(.state == "blocked")'

Exit codes: 0 ready or nothing to change, 1 error, 2 changes pending, 3 at rest with problems,
4 waits for approval, 5 bad usage or invalid input, 130 interrupted.
`
