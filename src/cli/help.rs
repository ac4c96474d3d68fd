//! The longer help texts: examples, exit codes, signals. Words only.

/// The heading of what every way of minding workers understands.
pub(super) const COMMON: &str = "Common options";

/// Below the short help.
pub(super) const MORE: &str = "\
`minder --help` says more; `minder demo` shows it all at work.";

/// Below `minder --help`.
pub(super) const MINDER: &str = "\
Examples:
  minder demo                             every state a worker can be in, without a config
  minder run 'npm run dev' 'cargo watch'  two commands, side by side
  minder                                  the workers of the nearest minder.toml or Procfile
  minder up web db                        only two of them
  minder run --headless 'make test' | tee log
                                          prefixed lines, no screen

Exit codes:
  0    all ended well, or you stopped it
  1    `minder check` found mistakes
  2    wrong usage; no config file, or one with mistakes; nothing was started
  125  minder itself failed
  Headless, minder ends with the exit code of the worker that failed first (128 + the number
  for a signal, 127 not found, 126 not executable); --exit-code chooses another.

Signals:
  SIGINT, SIGTERM, SIGHUP and SIGQUIT end minder in order: each worker gets its stop signal
  and its grace, then SIGKILL. A second one kills at once. After cleaning up, minder dies by
  the same signal, so that `minder up && next` stops in a shell.";

/// `minder run`'s two forms; clap's own line would mix them.
pub(super) const RUN_USAGE: &str = "\
minder run [OPTIONS] [NAME=]CMD...
       minder run [OPTIONS] -- PROG [ARG]...";

/// Below `minder run --help`.
pub(super) const RUN: &str = "\
Examples:
  minder run 'npm run dev' 'cargo watch -x check'
  minder run api='node server.js' 'PORT=3000 npm start'
  minder run --names api,web 'node server.js' 'npm start'
  minder run --restart on-failure --grace 10s --signal INT 'node server.js'
  minder run -- vim notes.txt             one program, no shell
  minder run --headless 'make test' 'make lint'

`api=CMD` names a worker, while a word of capitals does not: `PORT=3000 CMD` sets a variable for the
shell, as always. `i=0; CMD` is refused, for it could be either: put a blank in front of a shell line.
With --names, nothing in front of `=` is a name. Without a name, a worker is named after its program;
what only the shell can do (`while …`) is named `sh`.

Headless, minder ends with the exit code of the worker that failed first (128 + n for signal n).
SIGINT and SIGTERM stop all workers, a second one kills them.";

/// Below `minder up --help`.
pub(super) const UP: &str = "\
Examples:
  minder up                               every worker of the nearest minder.toml or Procfile
  minder up web db                        only these two
  minder up -f deploy/Procfile --headless
  minder up --headless --exit-code web    end with the exit code of `web`

A first minder.toml:
  [worker.web]
  cmd = \"npm run dev\"

minder ends with 2 where there is no config file or it has mistakes. Headless, it ends with the
exit code of the worker that failed first (128 + n for signal n). SIGINT and SIGTERM stop all
workers, a second one kills them.";

/// Below `minder watch --help`.
pub(super) const WATCH: &str = "\
Examples:
  minder watch 4123 4130                  two processes, by their pids
  minder watch --name '^nginx: master'    the oldest that matches, and the next one when it has ended
  minder watch --pid-file /run/web.pid --headless

t asks the process to stop and kills it after the grace; K kills it with all that descends from it
now. q leaves every one alone. Headless, minder ends when none is left to watch or to look for.";

/// Below `minder demo --help`.
pub(super) const DEMO: &str = "\
Examples:
  minder demo                             then: arrows to look around, ? for the keys, q to quit
  minder demo --headless | head -n 100    the same as prefixed lines

q, SIGINT or SIGTERM stop every worker, a second one kills them; nothing stays behind.";

/// Below `minder check --help`.
pub(super) const CHECK: &str = "\
Examples:
  minder check                            the nearest minder.toml or Procfile
  minder check -f other/minder.toml

Exit codes: 0 no mistake, 1 mistakes, 2 no such file. A signal ends it at once.";

/// `minder init`'s form: what follows PROG is the program's own.
pub(super) const INIT_USAGE: &str = "\
minder init [OPTIONS] [--] PROG [ARG]...";

/// Below `minder init --help`.
pub(super) const INIT: &str = "\
Examples:
  minder init -- nginx -g 'daemon off;'
  minder init --rewrite 15:3 -- nginx     stop it with SIGQUIT where others send SIGTERM
  minder init -r HUP:0 -- ./server        it never hears of SIGHUP
  minder init -s -- ./build.sh            outside of a container: adopt and reap its orphans
  minder init -c -- psql                  signals for the program alone, the terminal stays its own
  minder init -e 143 -- java -jar x.jar   an end by SIGTERM is a success

As an ENTRYPOINT:
  ENTRYPOINT [\"/usr/local/bin/minder\", \"init\", \"--\"]
  CMD [\"./server\", \"--port\", \"80\"]

Signals:
  All but SIGCHLD are handed on, real-time ones too. SIGTSTP, SIGTTIN and SIGTTOU stop minder as
  soon as they have stopped the command, and SIGCONT continues both: Ctrl-Z works in a shell.

At the end:
  What is left of the command's group gets SIGTERM. As PID 1, and with -s, so does everything else
  that is left, and after half a second SIGKILL.

Environment:
  DUMB_INIT_DEBUG=1, TINI_VERBOSITY=2 (or more): as -v; DUMB_INIT_SETSID=0: as -c;
  TINI_SUBREAPER: as -s; TINI_KILL_PROCESS_GROUP: as -g.

Exit codes: the command's; 128 + n where signal n ended it; 127 not found, 126 not executable,
125 minder itself failed, 2 wrong usage.";

/// Below `minder completions --help`.
pub(super) const COMPLETIONS: &str = "\
Examples:
  minder completions bash > ~/.local/share/bash-completion/completions/minder
  minder completions zsh > ~/.zfunc/_minder
  minder completions fish > ~/.config/fish/completions/minder.fish

Exit codes: 0, or 125 where it could not be written. A signal ends it at once.";

/// Below `minder man --help`.
pub(super) const MAN: &str = "\
Examples:
  minder man | man -l -                   read it
  minder man > ~/.local/share/man/man1/minder.1

Exit codes: 0, or 125 where it could not be written. A signal ends it at once.";
