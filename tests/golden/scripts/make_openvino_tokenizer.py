"""CLIP's tokenizer as an OpenVINO network, for models/openvino_tokenizer.

    pip install openvino==2026.4.1 openvino-tokenizers==2026.4.1.0 transformers==5.23.0
    python make_openvino_tokenizer.py models/emoji/tokenizer models/openvino_tokenizer
"""
import sys

import openvino
from openvino_tokenizers import convert_tokenizer
from transformers import AutoTokenizer

source, target = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(source)
openvino.save_model(convert_tokenizer(tokenizer, with_detokenizer=False), f"{target}/openvino_tokenizer.xml")
