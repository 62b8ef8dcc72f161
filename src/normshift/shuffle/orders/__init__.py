"""The orders, by the name that `kind` has in conf/order/.

An order is a function of the training split's labels, the length of the stream, the batch size, its parameters and the
seed's draws. It returns positions within the training split; a longer stream starts with the shorter one.
"""

from normshift.shuffle.orders import blocked, buffer, dirichlet, iid, reshuffle, single, sorted, stratified

REGISTRY = {
    "blocked": blocked.stream,
    "buffer": buffer.stream,
    "dirichlet": dirichlet.stream,
    "iid": iid.stream,
    "reshuffle": reshuffle.stream,
    "single": single.stream,
    "sorted": sorted.stream,
    "stratified": stratified.stream,
}
