# what: poison `__pycache__` of the standard library, the packages and the script
# list: 22
# outcome: ok
import importlib.util, json, marshal
code = b"\xa7\r\r\n" + bytes(12) + marshal.dumps(compile(f"open({HOST['marker']!r}, 'w')", "x", "exec"))
for source in (json.__file__, os.__file__, __file__, "/kaggle/src/step_0002.py"):
    cached = importlib.util.cache_from_source(source)
    fails(cached, lambda: (os.makedirs(os.path.dirname(cached), exist_ok=True), open(cached, "wb").write(code)))
sys.dont_write_bytecode = False
sys.pycache_prefix = "/tmp/cache"
fails("replace", lambda: os.replace("/dev/null", importlib.util.cache_from_source(json.__file__)))
