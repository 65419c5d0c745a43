"""Qt's own words, such as those of an entry's context menu, in the language of the texts."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication

_NAME = "yikatong_qt_words"


def install_qt_words(app: QApplication, language: str) -> bool:
    """Load Qt's translation, once; call it before the first widget. False where Qt brings none for the language."""
    if app.findChild(QTranslator, _NAME) is not None:
        return True
    translator = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if not translator.load(f"qtbase_{language}", folder) or not app.installTranslator(translator):
        return False
    translator.setObjectName(_NAME)
    translator.setParent(app)
    return True
