# Scripts that need packages, each after a line `### name`.
### versions
import numpy, pandas, scipy, sklearn, lightgbm, statsmodels, PIL
print(numpy.__version__, pandas.__version__, scipy.__version__, sklearn.__version__, lightgbm.__version__, statsmodels.__version__, PIL.__version__)
### thread_counts
import numpy, scipy.linalg, sklearn.ensemble, lightgbm
numpy.ones((300, 300)) @ numpy.ones((300, 300))
from threadpoolctl import threadpool_info
print(sorted((i["user_api"], i["internal_api"], i["num_threads"], i["filepath"]) for i in threadpool_info()))
### thread_limits
import numpy, scipy.linalg, sklearn.ensemble, lightgbm
from threadpoolctl import threadpool_limits, threadpool_info
with threadpool_limits(1): print([i["num_threads"] for i in threadpool_info()])
print((numpy.ones((500, 500)) @ numpy.ones((500, 500))).sum())
### numpy_seeded
import numpy as np
np.random.seed(0); print(np.random.rand(3), np.random.default_rng(1).normal(size=2))
### numpy_error
import numpy as np
np.zeros(3) + np.zeros(4)
### numpy_warning
import numpy as np
print(np.array([1.0]) / 0, np.float64(0) / 0)
### frame
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 2], "b": list("xyz")}); print(df.groupby("a").agg({"b": "sum"}), df.describe())
### csv
import pandas as pd
print(pd.read_csv("/kaggle/input/data/train.csv")); pd.DataFrame({"id": [1]}).to_csv("submission.csv", index=False); print(open("submission.csv").read())
### key_error
import pandas as pd
pd.DataFrame({"a": [1]})["b"]
### forest
from sklearn.ensemble import RandomForestClassifier
from sklearn.datasets import make_classification
x, y = make_classification(300, random_state=0)
print(RandomForestClassifier(20, random_state=0, n_jobs=2).fit(x, y).predict_proba(x)[:3])
### boosting
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.datasets import make_classification
x, y = make_classification(500, random_state=0)
print(HistGradientBoostingClassifier(random_state=0).fit(x, y).predict_proba(x)[:3])
### cross_validation_in_processes
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.datasets import make_classification
x, y = make_classification(200, random_state=0)
print(GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, n_jobs=2).fit(x, y).best_params_)
### convergence_warning
from sklearn.linear_model import LogisticRegression
from sklearn.datasets import make_classification
x, y = make_classification(200, random_state=0)
LogisticRegression(max_iter=1).fit(x, y)
### not_fitted
from sklearn.linear_model import LinearRegression
LinearRegression().predict([[1]])
### lightgbm
import lightgbm as lgb, numpy as np
x = np.random.default_rng(0).normal(size=(500, 4)); y = x[:, 0] * 2
print(lgb.train({"verbose": -1, "seed": 0, "num_threads": 2, "deterministic": True}, lgb.Dataset(x, y), 10).predict(x[:3]))
### lightgbm_log
import lightgbm as lgb, numpy as np
x = np.arange(200.0).reshape(100, 2); lgb.train({"force_row_wise": True, "num_threads": 1, "min_data_in_leaf": 1000}, lgb.Dataset(x, x[:, 0]), 2)
### statsmodels
import numpy as np, statsmodels.api as sm
x = np.arange(20.0); print(sm.OLS(x * 2 + 1, sm.add_constant(x)).fit().params.round(6))
### scipy
import scipy.stats as st, scipy.optimize as so
print(st.norm.cdf(1.0), st.spearmanr([1, 2, 3], [1, 3, 2]), so.minimize(lambda v: (v[0] - 1) ** 2, [0]).x.round(4))
### joblib
from joblib import Parallel, delayed, Memory, cpu_count
print(Parallel(n_jobs=2)(delayed(pow)(i, 2) for i in range(5)), cpu_count())
### joblib_threads
from joblib import Parallel, delayed
print(Parallel(n_jobs=2, backend="threading")(delayed(pow)(i, 2) for i in range(5)))
### joblib_multiprocessing
from joblib import Parallel, delayed
print(Parallel(n_jobs=2, backend="multiprocessing")(delayed(pow)(i, 2) for i in range(5)))
### blas_in_forks
import multiprocessing as mp, numpy as np
def f(n): return float((np.ones((n, n)) @ np.ones((n, n))).sum())
print(f(300))
with mp.get_context("fork").Pool(2) as pool: print(pool.map(f, [100, 200]))
### blas_in_threads
import numpy as np
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool: print(list(pool.map(lambda n: float((np.ones((n, n)) @ np.ones((n, n))).sum()), [100, 200, 300])))
### image
from PIL import Image
import numpy as np
Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save("/tmp/a.png"); print(Image.open("/tmp/a.png").size)
### exit_while_models_live
import sys, lightgbm as lgb, numpy as np, pandas as pd
m = lgb.LGBMRegressor(n_estimators=3, verbose=-1).fit(np.ones((50, 2)), np.ones(50)); df = pd.DataFrame({"a": [1]})
sys.exit(9)
### exception_in_library
import pandas as pd
pd.read_csv("/kaggle/input/data/none.csv")
### print_options
import numpy as np, pandas as pd
print(np.get_printoptions()["precision"], pd.get_option("display.max_rows"), np.arange(2000))
