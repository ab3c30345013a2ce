// English. The keys are the page's; {n} is a number that chooses between one
// and other. A section for each part of the page.

export default {
  // shell: the frame, mailboxes, settings
  "shell.close": "Close",
  "shell.cancel": "Cancel",
  "shell.back": "Back",
  "shell.dismiss": "Dismiss",

  // list

  // search

  // cmd

  // message

  // setup

  // compose

  // sessions

  // faults
};
