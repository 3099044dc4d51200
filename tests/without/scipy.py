"""Stands before scipy in the processes that tests start, so that nothing there can import it.

nltk takes scipy where it finds it, and that doubles the time of a start. The service has no scipy; the tests have it
for other tools, and should try what is served.
"""

raise ImportError("the service runs without scipy")
