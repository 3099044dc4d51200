"""The evaluation: hand-written questions, the judgments, the measures and the report.

`python eval/evaluate.py --help` is the command. Of qa only the public names are used.
"""
