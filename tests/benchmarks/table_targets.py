"""Tables of others with a column that is worth predicting, named as `table_sources` names them."""

from typing import NamedTuple


class Table(NamedTuple):
    """A table, what is predicted, and what tells the answer or names the row."""

    name: str
    target: str
    drop: tuple[str, ...] = ()


TABLES = (
    Table("Ecdat/Caschool", "testscr", ("distcod", "district", "readscr", "mathscr")),
    Table("car/SLID", "wages"),
    Table("MASS/birthwt", "low", ("bwt",)),
    Table("MASS/Boston", "medv"),
    Table("MASS/fgl", "type"),
    Table("MASS/cpus", "perf", ("name", "estperf")),
    Table("MASS/Pima.te", "type"),
    Table("MASS/UScereal", "calories"),
    Table("sklearn/breast_cancer", "target"),
    Table("sklearn/diabetes", "target"),
    Table("sklearn/wine", "target"),
    Table("Ecdat/Housing", "price"),
    Table("car/Womenlf", "partic"),
    Table("car/Prestige", "prestige"),
    Table("rpart/kyphosis", "Kyphosis"),
    Table("Ecdat/MCAS", "totsc4", ("code", "municipa", "totsc8")),
    Table("car/Mroz", "work", ("hoursw", "hearnw", "wagew")),
    Table("Ecdat/Griliches", "lw80"),
    Table("vcd/Arthritis", "Improved", ("ID",)),
    Table("psych/epi.bfi", "bdi"),
    Table("COUNT/titanic", "survived"),
    Table("reshape2/tips", "tip"),
    Table("car/Cowles", "volunteer"),
    Table("datasets/airquality", "Ozone"),
    # From here on, tables that no setting was chosen by.
    Table("MASS/biopsy", "class", ("ID",)),
    Table("MASS/Cars93", "Price", ("Min.Price", "Max.Price", "Model", "Make")),
    Table("MASS/crabs", "sp", ("index",)),
    Table("Ecdat/Diamond", "price"),
    Table("datasets/iris", "Species"),
    Table("Ecdat/Bwages", "wage"),
    Table("Ecdat/Participation", "lfp"),
    Table("Ecdat/Clothing", "tsales"),
    Table("car/Chile", "vote"),
    Table("car/Salaries", "salary"),
    Table("pscl/vote92", "vote"),
    Table("car/Ornstein", "interlocks"),
    Table("rpart/stagec", "pgstat", ("pgtime",)),
    Table("car/Davis", "weight", ("repwt",)),
    Table("COUNT/medpar", "died"),
    Table("vcd/Baseball", "sal87", ("name1", "name2")),
    Table("Zelig/turnout", "vote"),
    Table("ggplot2/mpg", "hwy", ("cty", "model")),
    Table("HSAUR/skulls", "epoch"),
    Table("psych/sat.act", "SATQ"),
    Table("palmerpenguins/penguins", "species"),
    Table("datasets/quakes", "mag"),
    Table("Ecdat/Hdma", "deny"),
    Table("robustbase/possumDiv", "Diversity"),
    Table("MASS/bacteria", "y", ("ID",)),
    Table("lattice/environmental", "ozone"),
)
