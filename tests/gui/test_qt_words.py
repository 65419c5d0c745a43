"""Qt's own words are Chinese, like everything else at the counter."""

from __future__ import annotations

import re

from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QLineEdit

from ui.qt_words import install_qt_words


def test_context_menu_of_an_entry_is_chinese(qtbot, qapp) -> None:
    assert install_qt_words(qapp, "zh_CN")
    assert install_qt_words(qapp, "zh_CN")
    assert len(qapp.findChildren(QTranslator)) == 1
    edit = QLineEdit()
    qtbot.addWidget(edit)
    menu = edit.createStandardContextMenu()
    words = [action.text().split("\t")[0] for action in menu.actions() if not action.isSeparator()]
    menu.deleteLater()
    assert len(words) >= 6
    assert all(re.match(r"[\u4e00-\u9fff]+(\(&[A-Z]\))?$", word) for word in words), words


def test_language_without_a_translation_leaves_qt_as_it_is(qapp) -> None:
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.setParent(None)
    assert not install_qt_words(qapp, "xx_XX")
