# what: change a package that a warm interpreter has imported: its functions, its generators and its arrays' memory
# list: 22
# outcome: ok
try: import numpy
except ImportError: sys.exit()
numpy.random.seed(0)
numpy.array = numpy.mean = lambda *_, **__: "poisoned"
numpy.pi = 3
sys.modules["numpy.linalg"] = None
os._exit(0)
