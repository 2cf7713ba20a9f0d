# Run as `python -I -c <this> LOCK_DESCRIPTOR FOLDER`: `python -m venv FOLDER`, but what it starts keeps the
# installation's lock as well: should this process be killed, its child goes on writing into the folder for a while.
import runpy, subprocess, sys

lock = int(sys.argv.pop(1))


class Popen(subprocess.Popen):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, pass_fds=(lock,), **kwargs)


subprocess.Popen = Popen
runpy.run_module("venv", run_name="__main__", alter_sys=True)
