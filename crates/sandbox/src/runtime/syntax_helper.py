# Run as `python -I -S -c <this>`: compiles each source that comes in, runs none of them, and answers what was wrong.
# Request: length (4 bytes, little-endian), source. Answer: the same framing, JSON.
import json, sys, time

try:
    import resource
except ImportError:
    resource = None

ROUND_SECONDS = 15
# Longer lines are of no use to a reader.
LONGEST_TEXT = 1000


def limit_this_round():
    # Should the supervisor be gone in the middle of a compilation that doesn't end, nobody else ends it.
    if resource:
        used = int(time.process_time()) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (used + ROUND_SECONDS, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def clean(text, longest):
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= longest else None


def undecodable_line(source):
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        return source.count(b"\n", 0, error.start) + 1
    return None


def examine(source):
    try:
        compile(source, "<source>", "exec", dont_inherit=True)
    except SyntaxError as error:
        message = error.msg or str(error)
        line = error.lineno
        if not line and "codec can't decode" in message:
            line = undecodable_line(source)
        return {
            "kind": type(error).__name__,
            "message": clean(message, LONGEST_TEXT) or "invalid syntax",
            "line": line if line and line > 0 else None,
            "column": error.offset if error.offset and error.offset > 0 else None,
            "text": clean(error.text.rstrip("\r\n"), LONGEST_TEXT) if error.text else None,
        }
    except ValueError as error:
        # Null bytes, in some versions.
        return {"kind": "SyntaxError", "message": clean(str(error), LONGEST_TEXT) or "invalid source"}
    except (RecursionError, MemoryError, OverflowError) as error:
        # Depends on how much stack or memory is left, so the same source may compile elsewhere.
        return {"unchecked": f"{type(error).__name__}: {clean(str(error), LONGEST_TEXT)}"}
    return {}


def read(stream, size):
    chunk = stream.read(size)
    if len(chunk) < size:
        sys.exit()
    return chunk


def main():
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        source = read(requests, int.from_bytes(read(requests, 4), "little"))
        limit_this_round()
        answer = json.dumps(examine(source)).encode()
        answers.write(len(answer).to_bytes(4, "little") + answer)
        answers.flush()


main()
