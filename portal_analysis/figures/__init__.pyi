"""The figures, each in its room."""

from .points import plot_estimates as plot_estimates
from .lines import plot_trend as plot_trend
from .gaps import plot_gap as plot_gap
from .equiplot import plot_equiplot as plot_equiplot
from .tiles import plot_tiles as plot_tiles
from .maps import plot_map as plot_map
from .bars import plot_counts as plot_counts
from .stacks import plot_criteria as plot_criteria
from .stacks import plot_coverage as plot_coverage
from .squares import plot_matrix as plot_matrix
from .squares import plot_co_occurrence as plot_co_occurrence
from .discovery import plot_discovery as plot_discovery
from .ranks import plot_ranks as plot_ranks
from .scatter import plot_link as plot_link
from .stacks import plot_flows as plot_flows
from .together import plot_together as plot_together
