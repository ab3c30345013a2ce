// 简体中文。键与 en.js 相同。

/** @type {import("../i18n.js").Table} */
export default {
  // shell
  "shell.close": "关闭",
  "shell.cancel": "取消",
  "shell.back": "返回",
  "shell.dismiss": "知道了",

  // list

  // search

  // cmd

  // message

  // setup

  // compose

  // sessions

  // faults
};
