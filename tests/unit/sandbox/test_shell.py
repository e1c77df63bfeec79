"""The shell's language: what a script prints, and its exit code."""

import pytest
from boxes import container, run

LANGUAGE = [
    ("echo hi", "hi\n", 0),
    ("echo 'a  b' \"c  d\" e\\ f", "a  b c  d e f\n", 0),
    ("x=1 y=2; echo $x${y}z", "12z\n", 0),
    ("x='a b'; printf '<%s>' $x; printf '<%s>' \"$x\"", "<a><b><a b>", 0),
    ('echo ${u:-d} ${u-d} "${u:+x}" ${HOSTNAME:+x}', "d d  x\n", 0),
    ("echo ${x:=set} $x", "set set\n", 0),
    ("p=/a/b.tar.gz; echo ${p##*/} ${p%.*} ${p%%.*} ${p#*/} ${#p}", "b.tar.gz /a/b.tar /a/b a/b.tar.gz 11\n", 0),
    ("x=abcdef; echo ${x:1:2} ${x:4} ${x/c/-} ${x//[ae]/_}", "bc ef ab-def _bcd_f\n", 0),
    ("echo $((1+2*3)) $((7/2)) $((-7%3)) $((1<2&&0)) $((0x10+010))", "7 3 -1 0 24\n", 0),
    ("i=5; echo $((i++)) $i $((i+=2)) $((i>7?1:2))", "5 6 8 1\n", 0),
    ("echo $((1/0)); echo on", "sh: divide by zero\n", 2),
    ("echo $(echo a; echo b) `echo c`", "a b c\n", 0),
    ('echo "$(printf "x\\n\\n")|"', "x|\n", 0),
    ('set -- a \'b c\'; echo $#; for x in "$@"; do echo [$x]; done; shift; echo "$*"', "2\n[a]\n[b c]\nb c\n", 0),
    ("if false; then echo 1; elif true; then echo 2; else echo 3; fi", "2\n", 0),
    ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done", "1\n3\n", 0),
    ("for i in 1 2 3; do for j in a b; do [ $i = 2 ] && break 2; echo $i$j; done; done", "1a\n1b\n", 0),
    ("until true; do echo no; done; echo yes", "yes\n", 0),
    ("case abc in x) echo x;; a*|b) echo a;; *) echo other;; esac", "a\n", 0),
    ("case '*' in '*') echo star;; esac", "star\n", 0),
    ("f() { echo $1 $#; return 3; }; f a b; echo $?", "a 2\n3\n", 0),
    ("f() { local x=in; echo $x; }; x=out; f; echo $x", "in\nout\n", 0),
    ("echo a | tr a b | cat", "b\n", 0),
    ("! false && echo ok || echo no", "ok\n", 0),
    ("false; echo $?; true; echo $?; (exit 7); echo $?", "1\n0\n7\n", 0),
    ("{ echo a; echo b; } | wc -l", "2\n", 0),
    ("x=1; (x=2; echo $x); echo $x", "2\n1\n", 0),
    ("echo one > /tmp/f; echo two >> /tmp/f; cat < /tmp/f", "one\ntwo\n", 0),
    ("ls /nope 2>/dev/null; echo $?", "1\n", 0),
    ("{ echo out; echo err >&2; } 2>&1 >/dev/null", "err\n", 0),
    ("exec 3>/tmp/g; echo x >&3; exec 3>&-; cat /tmp/g", "x\n", 0),
    ("cat <<E\na $((1+1)) $HOSTNAME\nE\ncat <<'E'\n$x\nE\ncat <<-E\n\t\tt\n\tE", "a 2 box\n$x\nt\n", 0),
    ("printf 'a b\\nc\\n' | while read x y; do echo \"[$x][$y]\"; done", "[a][b]\n[c][]\n", 0),
    ("printf 'a:b:c\\n' | { IFS=: read x y; echo $x-$y; }", "a-b:c\n", 0),
    ("trap 'echo bye' EXIT; exit 4", "bye\n", 4),
    ("trap 'echo got' TERM; kill -TERM $$; echo on", "got\non\n", 0),
    ("set -e; false; echo no", "", 1),
    ("set -e; if false; then :; fi; false || true; ! true; echo yes", "yes\n", 0),
    ("set -u; echo $nope; echo no", "sh: nope: parameter not set\n", 2),
    ("set -x; echo a", "+ echo a\na\n", 0),
    ("cd /tmp && touch a b .c; echo *; echo [ab]; echo x*; set -f; echo *", "a b\na b\nx*\n*\n", 0),
    ("eval 'x=5; echo $x'; export E=1; sh -c 'echo $E'; E=2 sh -c 'echo $E'; unset E; echo [$E]", "5\n1\n2\n[]\n", 0),
    ("echo 'echo sourced $1' > /tmp/s; . /tmp/s a; sh /tmp/s b; chmod +x /tmp/s; /tmp/s c", None, 0),
    ("readonly r=1; r=2; echo no", "sh: r: is read only\n", 2),
    ("nosuch; echo $?", "sh: nosuch: not found\n127\n", 0),
    ("/etc/passwd; echo $?", "sh: /etc/passwd: Permission denied\n126\n", 0),
    (
        "echo x > /no/x; cat < /no; echo $?",
        "sh: can't create /no/x: nonexistent directory\nsh: can't open /no: no such file\n1\n",
        0,
    ),
    ("sleep 100 & kill $!; wait $!; echo $?", "Terminated\n143\n", 0),
    ("f() { cat /secret/token; echo; echo two; }; f & wait; f | cat; eval 'cat /secret/token; echo' | cat", None, 0),
    ("f() { /bin/echo one; /bin/echo two; }; f | cat; f & wait", "one\ntwo\none\ntwo\n", 0),
    ("sh -c 'kill -9 $$'; echo $?", "Killed\n137\n", 0),
    ("(echo a &) ; wait; x=$(exit 3); echo $?", "a\n3\n", 0),
    ("while getopts ab: o -a -b v; do echo $o$OPTARG; done", "a\nbv\n", 0),
    ("type cd ls nosuch; command -v ls", "cd is a shell builtin\nls is /bin/ls\nnosuch: not found\n/bin/ls\n", 0),
    ('echo ~ ~/x $0 $#; echo "\\$x \\"q\\""', '/root /root/x sh 0\n$x "q"\n', 0),
    ("alias", "", 0),
    ("if", 'sh: syntax error: unexpected end of file (expecting "then")\n', 2),
    ("echo a; )", 'sh: syntax error: unexpected ")"\n', 2),
    ("echo 'a", "sh: syntax error: unterminated quoted string\n", 2),
]


@pytest.mark.parametrize(("script", "output", "code"), LANGUAGE, ids=[row[0][:40] for row in LANGUAGE])
async def test_language(script, output, code):
    got = await run(script)
    assert got[1] == code
    assert output is None or got[0] == output


async def test_a_file_of_the_users_is_run():
    script = "echo 'echo $0 $1' > /tmp/s; chmod +x /tmp/s; /tmp/s c; . /tmp/s d"
    assert await run(script) == ("/tmp/s c\nsh d\n", 0)


LIMITS = [
    ("f() { f; }; f", "sh: maximum function recursion depth exceeded\n", 2),
    ("x=a; while :; do x=$x$x; done", "sh: out of memory\n", 2),
    ("x=$(cat /dev/zero | tr '\\0' a); echo no", "sh: out of memory\n", 2),
    ("cat /dev/zero > /tmp/big; echo $?", "cat: /tmp/big: No space left on device\n1\n", 0),
    ("yes | head -n 2; cat /dev/zero | head -c 100000 | wc -c", "y\ny\n100000\n", 0),
    ("printf '%99999999d' 1 | wc -c", "10000\n", 0),
    ("echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! | grep -E '(a+)+$'; echo $?", "1\n", 0),
    ("timeout 0.05 sh -c 'while :; do :; done'; echo $?", "Terminated\n143\n", 0),
]


@pytest.mark.parametrize(("script", "output", "code"), LIMITS, ids=[row[0][:40] for row in LIMITS])
async def test_limits(script, output, code):
    assert await run(script) == (output, code)


async def test_a_fork_bomb_meets_the_limit():
    box = container()
    output, _ = await run("b() { b | b & }; b; sleep 0.2; echo survived", box)
    assert "survived" in output
    assert "can't fork: Resource temporarily unavailable" in output
    box.signal(9)
    assert box.codes == [137]


async def test_deep_nesting_is_refused():
    script = "(" * 100 + "echo" + ")" * 100
    assert await run(script) == ("sh: syntax error: too many nested constructs\n", 2)
