import zipfile

import made
import pandas as pd

COLUMNS = ["Semana", "Agencia_ID", "Canal_ID", "Ruta_SAK", "Cliente_ID", "Producto_ID"]


def raw(folder):
    def rows(count):
        columns = dict.fromkeys([*COLUMNS, "Venta_uni_hoy", "Demanda_uni_equil"], (1, 9999))
        return made.table(count, **columns)

    test = rows(9)[COLUMNS]
    test.insert(0, "id", range(9))
    names = made.table(5, Cliente_ID=(0, 9), NombreCliente=made.TEXTS)
    made.packed(folder, {"train.csv": rows(89), "test.csv": test, "cliente_tabla.csv": names, "town_state.csv": names})


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv.zip"), pd.read_csv(raw / "test.csv.zip"))
    test = test.reset_index(drop=True)
    test["id"] = test.index + len(train)
    answers = test[["id", "Demanda_uni_equil"]]
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test[["id", *COLUMNS]],
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(Demanda_uni_equil=0),
        },
    )
    for name in ("cliente_tabla.csv", "town_state.csv"):
        zipfile.ZipFile(raw / f"{name}.zip").extractall(out / "public")
