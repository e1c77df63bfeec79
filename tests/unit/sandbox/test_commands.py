"""The programs of the small Linux."""

import pytest
from boxes import Web, container, run

FILE = "printf 'pear 3\\napple 10\\nfig 2\\napple 1\\n' > /tmp/f; "
PROGRAMS = [
    ("echo -n a; echo -e 'b\\tc'; echo -E 'd\\n'", "ab\tc\nd\\n\n"),
    ("printf '%s-%03d|%5s|%-5s|%x\\n' a 7 b c 255; printf '%b' 'x\\n'", "a-007|    b|c    |ff\nx\n"),
    ("[ 1 -lt 2 -a a = a ] && [ ! -e /nope ] && [ -d /tmp ] && [ -n x ] && echo yes", "yes\n"),
    ("[ 1 -eq x ]; echo $?; test; echo $?", "sh: x: bad number\n2\n1\n"),
    (
        FILE + "sort /tmp/f | head -n 1; sort -k2 -n /tmp/f | tail -n 1; sort -u /tmp/f | wc -l",
        "apple 1\napple 10\n4\n",
    ),
    (FILE + "cut -d' ' -f1 /tmp/f | sort | uniq -c | sort -rn | head -1", "      2 apple\n"),
    (
        FILE
        + "grep -c apple /tmp/f; grep -n fig /tmp/f; grep -v apple /tmp/f | wc -l; grep -o 'p[a-z]' /tmp/f | head -1",
        "2\n3:fig 2\n2\npe\n",
    ),
    (
        FILE + "grep -E '^(pear|fig)' /tmp/f; grep -q nope /tmp/f; echo $?; grep -i APPLE /tmp/f | wc -l",
        "pear 3\nfig 2\n1\n2\n",
    ),
    (
        FILE
        + "sed -n '2p' /tmp/f; sed 's/apple/A/;s/ .*//' /tmp/f; sed -E 's/([a-z]+) ([0-9]+)/\\2 \\1/' /tmp/f | head -1",
        "apple 10\npear\nA\nfig\nA\n3 pear\n",
    ),
    (
        FILE + "sed '/apple/d' /tmp/f; sed -n '/fig/,$p' /tmp/f; sed '$!d' /tmp/f; sed 's/p/P/2;1q' /tmp/f",
        "pear 3\nfig 2\nfig 2\napple 1\napple 1\npear 3\n",
    ),
    (
        FILE
        + "sed -i 's/fig/date/' /tmp/f; grep date /tmp/f; sed 'N;s/\\n/,/' /tmp/f | head -1; sed 'y/abc/ABC/' /tmp/f | tail -1",  # noqa: E501
        "date 2\npear 3,apple 10\nApple 1\n",
    ),
    (
        "echo hello | tr a-y b-z; echo aabb | tr -s a; echo a1b2 | tr -d 0-9; echo abc | tr '[:lower:]' '[:upper:]'",
        "ifmmp\nabb\nab\nABC\n",
    ),
    (
        "echo abc | base64; echo YWJjCg== | base64 -d; printf abc | md5sum; printf '' | sha256sum | cut -c1-8",
        "YWJjCg==\nabc\n900150983cd24fb0d6963f7d28e17f72  -\ne3b0c442\n",
    ),
    (
        "echo a b | tee /tmp/t | wc -w; cat /tmp/t; seq 1 3 | tail -n +2; seq 5 | head -n -3; echo abcdef | head -c 3",
        "2\na b\n2\n3\n1\n2\nabc",
    ),
    (
        "mkdir /v; touch /v/a /v/b; mv -v /v/a /v/b /tmp/; mv -v /tmp/a /c; rm -r /v /c",
        "'/v/a' -> '/tmp/a'\n'/v/b' -> '/tmp/b'\n'/tmp/a' -> '/c'\n",
    ),
    (
        "mkdir -p /a/b; echo x > /a/b/c; cp -r /a /d; mv /d/b/c /d/e; ls /d /d/b; rm -r /a /d; ls /a",
        "/d:\nb\ne\n\n/d/b:\nls: /a: No such file or directory\n",
    ),
    (
        "cd /tmp; touch x; chmod 640 x; stat -c '%a %U %F' x; chmod u+x,o=r x; ls -l x | cut -c1-10",
        "640 root regular empty file\n-rwxr--r--\n",
    ),
    (
        "ln -s /etc/passwd /tmp/l; readlink /tmp/l; head -n 1 /tmp/l; ls -l /tmp/l | grep -o 'l ->.*'",
        "/etc/passwd\nroot:x:0:0:root:/root:/bin/sh\nl -> /etc/passwd\n",
    ),
    (
        "find /secret -type l | sort; find /etc -name 'host*' | sort; find /tmp -maxdepth 0",
        "/secret/..data\n/secret/ca.crt\n/secret/token\n/etc/hostname\n/etc/hosts\n/tmp\n",
    ),
    ("echo a b c | xargs -n 2 echo; printf 'x\\ny\\n' | xargs -I{} echo '<{}>'", "a b\nc\n<x>\n<y>\n"),
    (
        "id; whoami; hostname; pwd; basename /a/b.c .c; dirname /a/b",
        "uid=0(root) gid=0(root)\nroot\nbox\n/\nb\n/a\n",
    ),
    ("env | sort | head -n 2; printenv HOSTNAME; env -i A=1 env", "HOME=/root\nHOSTNAME=box\nbox\nA=1\n"),
    (
        "cat /secret/token; echo; rm /secret/token; echo x > /secret/y; touch /secret/z",
        "tok\nrm: can't remove '/secret/token': Read-only file system\nsh: can't create /secret/y: Read-only file system\ntouch: /secret/z: Read-only file system\n",  # noqa: E501
    ),
    (
        "date -d @0 +%Y-%m-%dT%H:%M:%S; uname; nproc; expr 2 + 3; which ls nosuch",
        "1970-01-01T00:00:00\nLinux\n2\n5\n/bin/ls\n",
    ),
    ("echo hi > /tmp/a; cd /tmp; tar cf b.tar a; rm a; tar tf b.tar; tar xf b.tar; cat a", "a\nhi\n"),
    (
        "cat /dev/null; echo x > /dev/null; head -c 4 /dev/zero | wc -c; echo y > /dev/stderr; echo z > /dev/full; echo $?",  # noqa: E501
        None,
    ),
    ("ls -Z", "ls: invalid option -- 'Z'\n"),
]


@pytest.mark.parametrize(("script", "output"), PROGRAMS, ids=[row[0][:40] for row in PROGRAMS])
async def test_programs(script, output):
    got, _ = await run(script)
    assert output is None or got == output


AWK = [
    ("{print $2}", "1\n20\n3\n"),
    ('$2>1{print NR": "$1,$NF}', "2: b 20\n3: c 3\n"),
    ("{s+=$2} END{print s, NR, s/NR}", "24 3 8\n"),
    ('/b/,/c/{gsub(/[0-9]/,"#"); print}', "b ##\nc #\n"),
    ("!seen[$1]++{n++} END{print n, length(seen)}", "3 3\n"),
    ("NR==2{print; exit 0}", "b 20\n"),
    ('BEGIN{for(i=0;i<3;i++) printf "%d-%s;", i, "x"; print ""}', "0-x;1-x;2-x;\n"),
    ('{ if ($2 ~ /^2/) print "two"; else if ($1=="a") { print "A" } else print "other" }', "A\ntwo\nother\n"),
    (
        'BEGIN{n=split("x;y",a,";"); for(i=1;i<=n;i++) print a[i]; print toupper(substr("hello",2,3)), 2^3 % 5}',
        "x\ny\nELL 3\n",
    ),
    ('{$1="z"; print; print NF}', "z 1\n2\nz 20\n2\nz 3\n2\n"),
    ("BEGIN{print 1/0}", "awk: cmd. line:1: division by zero\n"),
    ("{print", "awk: cmd. line:1: unexpected end of program\n"),
]


@pytest.mark.parametrize(("program", "output"), AWK, ids=[row[0][:40] for row in AWK])
async def test_awk(program, output):
    script = "printf 'a 1\\nb 20\\nc 3\\n' | awk '" + program + "'"
    assert (await run(script))[0] == output


WEB = [
    ("curl -s http://web/", "hello\n", 0),
    ("curl -s -o /tmp/o -w '%{http_code} %{size_download}\\n' web/x; cat /tmp/o", "200 6\nhello\n", 0),
    ("curl -s -i web | head -n 1", "HTTP/1.1 200 OK\r\n", 0),
    ("curl -sI web | tr -d '\\r' | head -n 2", "HTTP/1.1 200 OK\nContent-Type: text/plain\n", 0),
    ("curl -sL web/moved; curl -s -o /dev/null -w '%{http_code}' web/moved", "hello\n302", 0),
    (
        "curl -sf web/missing; echo $?; curl -sS -f web/missing",
        "22\ncurl: (22) The requested URL returned error: 404 Not Found\n",
        22,
    ),
    ("curl -sS http://nosuch/", "curl: (6) Could not resolve host: nosuch\n", 6),
    ("curl -sS http://web:81/", "curl: (7) Failed to connect to web port 81: Connection refused\n", 7),
    ("curl -sS ftp://web/", 'curl: (1) Protocol "ftp" not supported or disabled in libcurl\n', 1),
    ("curl -sk https://kubernetes/api", "hello\n", 0),
    ("curl -s --cacert /secret/ca.crt https://kubernetes/api", "hello\n", 0),
    ("curl -s https://kubernetes/; echo $?", "60\n", 0),
    (
        "curl -sS --cacert /secret/token https://kubernetes/ 2>&1 | head -n 1",
        "curl: (77) error setting certificate verify locations:\n",
        0,
    ),
    ("curl", "curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n", 2),
    (
        "curl --nope x",
        "curl: option --nope: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
        2,
    ),
    (
        "wget -qO- web; wget -q web/missing; echo $?",
        "hello\nwget: server returned error: HTTP/1.1 404 Not Found\n1\n",
        0,
    ),
    ("nslookup web; nslookup nosuch", None, 1),
    ("nc -z web 80; echo $?; nc -z web 81; echo $?", "0\n1\n", 0),
    ("printf 'GET / HTTP/1.1\\r\\n\\r\\n' | nc web 80 | tail -n 1", "hello\n", 0),
]


@pytest.mark.parametrize(("script", "output", "code"), WEB, ids=[row[0][:40] for row in WEB])
async def test_network(script, output, code):
    got = await run(script, image="radial/busyboxplus:curl", network=Web())
    assert got[1] == code
    assert output is None or got[0] == output


@pytest.mark.parametrize(
    ("script", "method", "headers", "body"),
    [
        ("curl -s -H 'Authorization: Bearer x' -H 'Accept:' web", "GET", {"Authorization": "Bearer x"}, b""),
        ("curl -s -d a=1 -d b=2 web", "POST", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&b=2"),
        (
            "curl -s -XPUT -H 'Content-Type: application/json' --data-raw '{}' web",
            "PUT",
            {"Content-Type": "application/json"},
            b"{}",
        ),
        ("echo -n data > /tmp/d; curl -s --data-binary @/tmp/d web", "POST", {"Content-Length": "4"}, b"data"),
        ("curl -s -u me:pw -A agent web", "GET", {"Authorization": "Basic bWU6cHc=", "User-Agent": "agent"}, b""),
    ],
)
async def test_requests(script, method, headers, body):
    web = Web()
    await run(script, image="radial/busyboxplus:curl", network=web)
    sent = web.requests[0]
    assert (sent[0], sent[3]) == (method, body)
    assert headers.items() <= sent[2].items()


async def test_an_image_without_curl():
    assert await run("curl web") == ("sh: curl: not found\n", 127)


async def test_users_may_not_write_what_is_roots():
    box = container(user=1002, group=1002)
    script = "id -u; echo x > /etc/x; echo x > /tmp/x; cat /tmp/x; rm /etc/hosts; ls /root"
    output, _ = await run(script, box)
    assert output == (
        "1002\nsh: can't create /etc/x: Permission denied\nx\n"
        "rm: can't remove '/etc/hosts': Permission denied\nls: can't open '/root': Permission denied\n"
    )


async def test_a_read_only_root():
    output, _ = await run("touch /x; echo y > /tmp/y; echo z > /dev/null; echo $?", read_only_root=True)
    assert output == "touch: /x: Read-only file system\nsh: can't create /tmp/y: Read-only file system\n0\n"
